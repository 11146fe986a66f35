/** What the neutral title says in the account of the owner: no name of anybody (R8). */
export const meetingTitle = (locale: string) => (locale.startsWith('nl') ? 'Oudergesprek' : 'Parent meeting');
