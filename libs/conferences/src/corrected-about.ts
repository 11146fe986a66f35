/** Where a parent's correction of `about` is sealed: it holds for all of the parent's slots and stands with the person. */
export const correctedAboutContext = (school: string, person: string) => ({
  table: 'people',
  column: 'about_sealed',
  row: person,
  school,
  person,
});
