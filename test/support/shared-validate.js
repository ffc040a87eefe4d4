// Replaces the package of CloudFormation Validate in the tests. See environment.ts.
module.exports = globalThis.cloudFormationValidate;
