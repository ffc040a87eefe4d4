import * as fs from 'fs';
import * as path from 'path';
import { CfnDeletionPolicy, CfnResource, Stack } from 'aws-cdk-lib';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { measure } from '../measure';
import { TemplateBody } from '../template';
import { STACK_ID } from './props';

interface AssetManifest {
  readonly files: Record<string, { readonly source: { readonly path: string; readonly packaging: string } }>;
  readonly dockerImages: Record<string, { readonly source: { readonly directory: string } }>;
}

/** The cloud assembly of the example, with the template and the assets that this side reproduces. */
const assembly = path.resolve(process.argv[3]);
const template = read<TemplateBody>(`${STACK_ID}.template.json`);
const assets = read<AssetManifest>(`${STACK_ID}.assets.json`);

measure((app) => {
  const stack = new Stack(app, STACK_ID);
  stageAssets(stack);
  for (const [id, resource] of Object.entries(template.Resources)) {
    const made = new CfnResource(stack, id, { type: resource.Type, properties: resource.Properties });
    made.overrideLogicalId(id);
    made.cfnOptions.deletionPolicy = resource.DeletionPolicy as CfnDeletionPolicy | undefined;
    made.cfnOptions.updateReplacePolicy = resource.UpdateReplacePolicy as CfnDeletionPolicy | undefined;
    if (resource.DependsOn) made.addOverride('DependsOn', resource.DependsOn);
  }
});

function stageAssets(scope: Construct): void {
  for (const [hash, { source }] of Object.entries(assets.files)) {
    if (source.packaging === 'zip') new Asset(scope, `Asset${hash}`, { path: path.join(assembly, source.path) });
  }
  for (const [hash, { source }] of Object.entries(assets.dockerImages)) {
    new DockerImageAsset(scope, `Image${hash}`, { directory: path.join(assembly, source.directory) });
  }
}

function read<T>(file: string): T {
  return JSON.parse(fs.readFileSync(path.join(assembly, file), 'utf8')) as T;
}
