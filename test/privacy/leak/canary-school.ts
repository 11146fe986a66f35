import { randomBytes } from 'node:crypto';
import type { PersonData } from '#libs/client';
import { ASchool, type SlotEvent } from '../../support/a-school.js';
import type { Canaries } from './canaries.js';

/** A school in which each name and address is a word that stands nowhere else. */
export class CanarySchool extends ASchool {
  private readonly people = new Map<string, PersonData>();

  constructor(private readonly canaries: Canaries) {
    super();
  }

  override teacher(n = 1): PersonData {
    return this.someone('teacher', n, 'nl');
  }

  override parent(n = 1, locale = 'nl'): PersonData {
    return this.someone('parent', n, locale);
  }

  /** The address of the account that a teacher connects: not the one of the school. */
  account(n = 1): string {
    const email = this.teacher(n).email.replace('@', '.rekening@');
    this.canaries.add('account', "an account's address", email);
    return email;
  }

  override slot(...made: Parameters<ASchool['slot']>): SlotEvent {
    const event = super.slot(...made);
    const about = `Kindje ${randomBytes(5).toString('hex')}`;
    this.canaries.add('child', "a child's name", about);
    return { ...event, data: { ...event.data, parents: event.data.parents.map((one) => ({ ...one, about })) } };
  }

  private someone(role: 'teacher' | 'parent', n: number, locale: string): PersonData {
    const id = `p-${role}-${n}-${this.id}`;
    const there = this.people.get(id);
    if (there) return there;
    const word = randomBytes(5).toString('hex');
    const person = { id, name: `Zoë Kanarie ${word}`, email: `mail.${word}@kanarie.example`, locale };
    this.canaries.add(role, `the name of a ${role}`, `Kanarie ${word}`);
    this.canaries.add(role, `the address of a ${role}`, person.email);
    this.people.set(id, person);
    return person;
  }
}
