/** Where a request or a fault belongs. */
export type SandboxProvider = 'google' | 'microsoft' | 'smtp';
