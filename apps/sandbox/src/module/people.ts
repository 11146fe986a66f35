import type { Parent, Person } from './events.js';

/** The seeded school's teachers, and one more of each for whoever asks for more than there are. */
const TEACHERS: readonly (readonly [string, string])[] = [
  ['Anne de Vries', 'anne'],
  ['Mehmet Kaya', 'mehmet'],
  ['Sofie Jansen', 'sofie'],
];

interface Family {
  name: string;
  locale: 'nl' | 'tr' | 'pl' | 'en';
  given: readonly string[];
  child: readonly string[];
}

const FAMILIES: readonly Family[] = [
  { name: 'Yılmaz', locale: 'tr', given: ['Elif', 'Emre'], child: ['Deniz', 'Zeynep'] },
  { name: 'Bakker', locale: 'nl', given: ['Marieke', 'Joost'], child: ['Fleur', 'Daan'] },
  { name: 'Kowalska', locale: 'pl', given: ['Agnieszka', 'Magdalena'], child: ['Zofia', 'Jakub'] },
  { name: 'Thompson', locale: 'en', given: ['Grace', 'Oliver'], child: ['Isla', 'Henry'] },
  { name: 'van der Meer', locale: 'nl', given: ['Hanneke', 'Ruben'], child: ['Lotte', 'Sem'] },
  { name: 'Öztürk', locale: 'tr', given: ['Ayşe', 'Burak'], child: ['Defne', 'Kerem'] },
  { name: 'Wiśniewska', locale: 'pl', given: ['Joanna', 'Karolina'], child: ['Hanna', 'Filip'] },
  { name: 'Okafor', locale: 'en', given: ['Chioma', 'Daniel'], child: ['Amara', 'Tobi'] },
  { name: 'Mulder', locale: 'nl', given: ['Saskia', 'Wouter'], child: ['Noor', 'Thijs'] },
  { name: 'Şahin', locale: 'tr', given: ['Gülşen', 'Murat'], child: ['Ela', 'Yusuf'] },
  { name: 'Zielińska', locale: 'pl', given: ['Katarzyna', 'Ewelina'], child: ['Maja', 'Antoni'] },
  { name: 'Visser', locale: 'nl', given: ['Ingrid', 'Bram'], child: ['Saar', 'Milan'] },
];

export const teacherAt = (index: number, domain: string): Person => {
  const known = TEACHERS[index];
  const [name, local] = known ?? [`Docent ${index + 1}`, `docent${index + 1}`];
  return { id: `p-t${index + 1}`, name, email: `${local}@${domain}`, locale: 'nl' };
};

/** The n-th family of an evening: another name for the first dozen, then numbered; one parent. */
export const parentAt = (index: number): Parent => {
  const family = FAMILIES[index % FAMILIES.length] as Family;
  const round = Math.trunc(index / FAMILIES.length);
  const given = family.given[round % 2] ?? '';
  const surname = round < 2 ? family.name : `${family.name}-${round}`;
  return {
    id: `p-f${index + 1}`,
    name: `${given} ${surname}`,
    email: `family${index + 1}@mail.example`,
    locale: family.locale,
    household: `h-${index + 1}`,
    about: family.child[round % 2] ?? '',
  };
};

/** Everything in these people that must never reach a provider: names, first names, surnames, children, addresses. */
export const namesOf = (parents: readonly Parent[]): string[] =>
  parents.flatMap(({ name, email, about }) => [name, name.slice(name.indexOf(' ') + 1), email, about ?? '']);
