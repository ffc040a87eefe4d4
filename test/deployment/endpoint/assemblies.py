"""Reads a cloud assembly, and does what the CLI does before it creates a stack: bootstrap, and publish the assets."""
import io
import json
import os
import zipfile

import direct
import settings
from ministack.services import s3


class Stack:
    def __init__(self, assembly, name, artifact):
        properties = artifact['properties']
        self.name = properties.get('stackName', name)
        region = artifact['environment'].rsplit('/', 1)[-1]
        self.region = 'us-east-1' if region == 'unknown-region' else region
        self.tags = [{'Key': key, 'Value': value} for key, value in properties.get('tags', {}).items()]
        self.assembly, self.dependencies = assembly, artifact.get('dependencies', [])
        self.resources = json.loads(_read(os.path.join(assembly, properties['templateFile'])))['Resources']
        self.template_url = self._named(properties['stackTemplateAssetObjectUrl']).replace(
            's3://', 'https://s3.amazonaws.com/')

    def create(self):
        """Creates the stack from the template in the bucket of the assets, as the CLI does."""
        return direct.create(self.name, self.region, {'TemplateURL': self.template_url}, self.tags)

    def _named(self, name):
        return name.replace('${AWS::AccountId}', direct.ACCOUNT).replace('${AWS::Region}', self.region)

    def publish_assets(self):
        for each in self.dependencies:
            if each.endswith('.assets'):
                for asset in json.loads(_read(os.path.join(self.assembly, f'{each}.json')))['files'].values():
                    self._publish(asset)

    def _publish(self, asset):
        source = os.path.join(self.assembly, asset['source']['path'])
        content = _archive(source) if asset['source']['packaging'] == 'zip' else _read(source)
        for destination in asset['destinations'].values():
            bucket = self._named(destination['bucketName'])
            with direct.in_region(destination.get('region', self.region)):
                status, _, answer = s3._put_object(bucket, destination['objectKey'], content, {})[:3]
                if status >= 300:
                    raise ValueError(f'{bucket}: {answer}')


def stacks_of(assembly):
    """The stacks of a cloud assembly. Each one comes after the stacks that it depends on."""
    with open(os.path.join(assembly, 'manifest.json'), encoding='utf-8') as file:
        artifacts = json.load(file)['artifacts']
    known = {name: Stack(assembly, name, each) for name, each in artifacts.items()
             if each['type'] == 'aws:cloudformation:stack'}
    ordered = []

    def add(name):
        for each in known[name].dependencies:
            if each in known:
                add(each)
        if known[name] not in ordered:
            ordered.append(known[name])

    for name in known:
        add(name)
    return ordered


def bootstrap(region):
    """Creates the stack of `cdk bootstrap` from the template of the CLI."""
    template = {'TemplateBody': _read(os.environ['DEPLOYMENT_BOOTSTRAP_TEMPLATE']).decode()}
    stack = direct.create(settings.BOOTSTRAP_STACK, region, template)
    if stack['StackStatus'] != 'CREATE_COMPLETE':
        raise ValueError(f'The stack of cdk bootstrap is {stack["StackStatus"]}')


def _read(path):
    with open(path, 'rb') as file:
        return file.read()


def _archive(directory):
    written = io.BytesIO()
    with zipfile.ZipFile(written, 'w', zipfile.ZIP_DEFLATED) as archive:
        for folder, _, names in os.walk(directory):
            for name in sorted(names):
                path = os.path.join(folder, name)
                archive.write(path, os.path.relpath(path, directory))
    return written.getvalue()
