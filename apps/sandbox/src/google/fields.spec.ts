import { describe, expect, it } from '@jest/globals';
import { selectFields } from './fields.js';

describe('A partial response', () => {
  const event = { id: 'a', start: { dateTime: 'x', timeZone: 'y' }, list: [{ uri: 'u', pin: 'p' }, { uri: 'v' }] };

  it('keeps named members, inner members and members of items', () => {
    expect(selectFields(event, 'id,start/dateTime')).toEqual({ id: 'a', start: { dateTime: 'x' } });
    expect(selectFields(event, 'list(uri),start(timeZone)')).toEqual({
      list: [{ uri: 'u' }, { uri: 'v' }],
      start: { timeZone: 'y' },
    });
  });

  it('keeps all for *, and nothing for an unknown name', () => {
    expect(selectFields(event, '*')).toEqual(event);
    expect(selectFields(event, 'start/*,nothing')).toEqual({ start: event.start });
  });
});
