/** A mail as it arrived. Never written to disk. */
export interface SandboxMail {
  /** 1 for the first that arrived. */
  n: number;
  receivedAt: string;
  envelope: { from: string; to: string[] };
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
  messageId: string;
  /** Lower-case name to value; a repeated header keeps its last value. */
  headers: Record<string, string>;
  attachments: SandboxAttachment[];
}

export interface SandboxAttachment {
  filename: string;
  mimeType: string;
  /** Of a calendar file: REQUEST, CANCEL, PUBLISH. */
  method?: string;
  content: string;
}
