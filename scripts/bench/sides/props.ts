/** The props of the stack on every side: the props in the app of the example. */
export const PROPS = {
  domainName: 'api.mentalhealthaide.com',
  hostedZoneId: 'Z0EXAMPLE0000000000',
  zoneName: 'mentalhealthaide.com',
  alarmEmail: 'oncall@mentalhealthaide.com',
  terminationProtection: true,
};
/** The ID of the stack, which is also the name of its files. */
export const STACK_ID = 'MentalHealthAide';
