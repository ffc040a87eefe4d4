"""The settings of the endpoint, from its environment. run.ts sets them."""
import os

HOST = '127.0.0.1'
PORT = int(os.environ['GATEWAY_PORT'])
# The file for the journal: one line of JSON for each event.
JOURNAL = os.environ.get('DEPLOYMENT_JOURNAL', os.devnull)
# The directory for the code of functions.
WORK = os.path.realpath(os.environ.get('DEPLOYMENT_WORK', '.'))
# The order of independent resources: `ascending` or `descending` by logical ID, or the seed of a shuffle.
ORDER = os.environ.get('DEPLOYMENT_ORDER', 'ascending')
# The hosted zones that exist before the first deployment: ID=NAME,…
ZONES = [pair.split('=') for pair in os.environ.get('DEPLOYMENT_ZONES', '').split(',') if pair]
# The time that a custom resource has, in seconds.
CUSTOM_RESOURCE_SECONDS = int(os.environ.get('DEPLOYMENT_CUSTOM_RESOURCE_SECONDS', '60'))
# The stack of `cdk bootstrap`. Its template is not part of the project, and the schemas do not check it.
BOOTSTRAP_STACK = 'CDKToolkit'
