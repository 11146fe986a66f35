import { writeFileSync } from 'node:fs';
import { privacyDocuments } from '#libs/privacy';

/** `conferences privacy-documents`: writes the processing record and the agreement anew, from the tables. */
export async function writePrivacyDocuments(): Promise<number> {
  for (const [path, text] of Object.entries(await privacyDocuments())) {
    writeFileSync(path, text);
    process.stdout.write(`${path}\n`);
  }
  return 0;
}
