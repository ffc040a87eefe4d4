"""AWS::CloudTrail::Trail. MiniStack has the service, but no handler for the type."""
import json

from identifiers import unique
from ministack.services import cloudtrail
from ministack.services.cloudformation import provisioners

TYPE = 'AWS::CloudTrail::Trail'


def _call(operation, parameters):
    status, _, body = operation(parameters)
    if status >= 300:
        raise ValueError(f'{TYPE}: {body}')
    return json.loads(body)


def _parameters(name, properties):
    names = ('S3BucketName', 'S3KeyPrefix', 'IncludeGlobalServiceEvents', 'IsMultiRegionTrail',
             'EnableLogFileValidation', 'CloudWatchLogsLogGroupArn', 'CloudWatchLogsRoleArn')
    given = {each: properties[each] for each in names if each in properties}
    return {'Name': name, 'KmsKeyId': properties.get('KMSKeyId', ''), **given}


def _configure(name, properties):
    _call(cloudtrail._update_trail, _parameters(name, properties))
    if properties.get('EventSelectors'):
        selectors = {'TrailName': name, 'EventSelectors': properties['EventSelectors']}
        _call(cloudtrail._put_event_selectors, selectors)
    logging = str(properties['IsLogging']).lower() == 'true'
    _call(cloudtrail._start_logging if logging else cloudtrail._stop_logging, {'Name': name})


def _create(logical_id, properties, stack):
    name = properties.get('TrailName') or f'{stack}-{logical_id}-{unique()}'
    arn = _call(cloudtrail._create_trail, _parameters(name, properties))['TrailARN']
    _configure(name, properties)
    return name, {'Arn': arn}


def _update(physical_id, _old, properties, _stack):
    _configure(physical_id, properties)
    return physical_id, {}


def install():
    provisioners._RESOURCE_HANDLERS[TYPE] = {
        'create': _create,
        'update': _update,
        'delete': lambda physical_id, _: _call(cloudtrail._delete_trail, {'Name': physical_id}),
    }
