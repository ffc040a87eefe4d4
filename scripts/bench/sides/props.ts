/** The props that every side makes the stack with: those of the example's app. */
export const PROPS = {
  domainName: 'api.mentalhealthaide.com',
  hostedZoneId: 'Z0EXAMPLE0000000000',
  zoneName: 'mentalhealthaide.com',
  alarmEmail: 'oncall@mentalhealthaide.com',
  terminationProtection: true,
};
/** The id of the stack, and so the name of its files. */
export const STACK_ID = 'MentalHealthAide';
