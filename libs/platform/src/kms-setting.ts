const PREFIX = 'aws-kms:';
const ARN = /^arn:aws[\w-]*:kms:([a-z0-9-]+):\d{12}:(?:key|alias)\/[\w/-]+$/;

type Environment = Readonly<Record<string, string | undefined>>;

/** `KEY_RING` names keys in AWS KMS: `aws-kms:ARN[,ARN…]`; the first one wraps, all of them open. */
export const isKmsSetting = (setting: string) => setting.startsWith(PREFIX);

export const kmsArns = (setting: string): readonly string[] =>
  isKmsSetting(setting)
    ? setting
        .slice(PREFIX.length)
        .split(',')
        .map((arn) => arn.trim())
    : [];

export const isKmsArn = (arn: string) => ARN.test(arn);

export const kmsRegion = (arn: string): string => ARN.exec(arn)?.[1] ?? '';

/** Where the official client goes for these keys: its own environment names win over the region's host. */
export const kmsEndpoints = (setting: string, env: Environment): readonly string[] => [
  ...new Set(
    kmsArns(setting).map(
      (arn) =>
        env['AWS_ENDPOINT_URL_KMS'] ??
        env['AWS_ENDPOINT_URL'] ??
        `https://kms.${kmsRegion(arn)}.amazonaws.com${kmsRegion(arn).startsWith('cn-') ? '.cn' : ''}`,
    ),
  ),
];
