type Selection = Map<string, Selection>;

/**
 * A partial response: `id,conferenceData(entryPoints(uri)),start/dateTime` keeps just that. `*` keeps all.
 * Unknown names select nothing; the real server answers 400 for them.
 */
export const selectFields = (value: unknown, fields: string): unknown => select(value, parse(fields));

const parse = (fields: string): Selection => {
  let position = 0;
  const list = (): Selection => {
    const selection: Selection = new Map();
    while (position < fields.length && fields[position] !== ')') {
      item(selection);
      if (fields[position] === ',') position += 1;
    }
    return selection;
  };
  const item = (into: Selection): void => {
    const name = /^[^,()/]*/u.exec(fields.slice(position))?.[0] ?? '';
    position += name.length;
    const inner: Selection = into.get(name.trim()) ?? new Map();
    into.set(name.trim(), inner);
    if (fields[position] === '/') {
      position += 1;
      item(inner);
    } else if (fields[position] === '(') {
      position += 1;
      for (const [key, nested] of list()) inner.set(key, nested);
      position += 1;
    }
  };
  return list();
};

const select = (value: unknown, selection: Selection): unknown => {
  if (selection.size === 0 || selection.has('*')) return value;
  if (Array.isArray(value)) return value.map((item) => select(item, selection));
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Record<string, unknown>;
  return Object.fromEntries(
    [...selection].flatMap(([name, inner]) => (name in record ? [[name, select(record[name], inner)]] : [])),
  );
};
