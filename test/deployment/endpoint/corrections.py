"""Where MiniStack 1.5 differs from AWS in a way that the library's functions notice."""
import json
import re

from ministack.services import ecs, iam, secretsmanager
from ministack.services.cloudformation import provisioners, stacks


def _generate_passwords_by_all_settings():
    """MiniStack reads only ExcludeCharacters of GenerateSecretString."""
    original = provisioners._sm_secret_string

    def secret_string(properties):
        settings = properties.get('GenerateSecretString')
        if not settings or properties.get('SecretString'):
            return original(properties)
        typed = {name: {'true': True, 'false': False}.get(str(value).lower(), value)
                 for name, value in settings.items()}
        password = json.loads(secretsmanager._get_random_password(typed)[2])['RandomPassword']
        if not settings.get('SecretStringTemplate'):
            return password
        name = settings.get('GenerateStringKey', 'password')
        return json.dumps({**json.loads(settings['SecretStringTemplate']), name: password})

    provisioners._sm_secret_string = secret_string


def _report_taken_service_linked_roles():
    """MiniStack reports a service-linked role that exists with another code and message than IAM."""
    for table in [each for each in vars(iam).values() if isinstance(each, dict) and 'CreateServiceLinkedRole' in each]:
        original = table['CreateServiceLinkedRole']

        def create(*args, original=original):
            answer = original(*args)
            text = answer[2].decode() if isinstance(answer[2], bytes) else answer[2]
            taken = re.search(r'Role with name (\w+) already exists', text)
            if not taken:
                return answer
            message = f'Service role name {taken[1]} has been taken in this account, please try a different suffix.'
            return iam._error(400, 'InvalidInput', message)

        table['CreateServiceLinkedRole'] = create


def _end_tasks():
    """Without Docker, MiniStack's tasks run forever. A task that no service started ends here, with exit code 0."""
    original = ecs._maybe_mark_stopped

    def mark_stopped(task, docker_client=None):
        if str(task.get('group', '')).startswith('service:'):
            return original(task, docker_client)
        reason, code = 'Essential container in task exited', 'EssentialContainerExited'
        return ecs._mark_task_stopped(task['taskArn'], task, reason, code, 0)

    ecs._maybe_mark_stopped = mark_stopped


def _propagate_tags_of_stacks():
    """MiniStack gives the tags of a stack to an Auto Scaling group without the setting that the type requires."""
    original = stacks._with_stack_tags

    def with_stack_tags(rtype, properties, *others):
        tagged = original(rtype, properties, *others)
        if rtype != 'AWS::AutoScaling::AutoScalingGroup' or tagged == properties:
            return tagged
        own = properties.get('Tags', [])
        return {**tagged, 'Tags': [each if each in own else {'PropagateAtLaunch': True, **each}
                                   for each in tagged['Tags']]}

    stacks._with_stack_tags = with_stack_tags


def install():
    _end_tasks()
    _generate_passwords_by_all_settings()
    _propagate_tags_of_stacks()
    _report_taken_service_linked_roles()
