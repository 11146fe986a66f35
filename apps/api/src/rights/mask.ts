const masked = (word: string) => {
  const [first = '', ...rest] = Array.from(word);
  return first + '•'.repeat(Math.min(3, rest.length));
};

/** `Anne de Vries` → `A••• d• V•••`. */
export const maskName = (name: string) => name.trim().split(/\s+/).map(masked).join(' ');

/** `anne@regenboog.example` → `a•••@r•••.example`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  const domain = email.slice(at + 1);
  const dot = domain.lastIndexOf('.');
  const host = dot < 0 ? domain : domain.slice(0, dot);
  const first = (text: string) => `${Array.from(text)[0] ?? ''}•••`;
  return `${first(email.slice(0, at))}@${first(host)}${dot < 0 ? '' : domain.slice(dot)}`;
}
