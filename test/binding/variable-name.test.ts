import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { variableName } from '../../src/binding/variable-name';

test.each([
  ['Reports', 'REPORTS_BUCKET_NAME'],
  ['PatientReports', 'PATIENT_REPORTS_BUCKET_NAME'],
  ['S3Uploads', 'S3_UPLOADS_BUCKET_NAME'],
  ['PHIFiles', 'PHI_FILES_BUCKET_NAME'],
  ['patient-files', 'PATIENT_FILES_BUCKET_NAME'],
  ['2024Files', '_2024_FILES_BUCKET_NAME'],
])('the ID %s becomes %s', (id, name) => {
  expect(variableName(new Construct(new Stack(), id), 'BUCKET_NAME')).toBe(name);
});
