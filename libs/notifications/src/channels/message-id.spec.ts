import { messageId } from './message-id.js';

describe('P8 one Message-ID per delivery', () => {
  it('is the same at every try', () => {
    expect(messageId('0199-ab', 'Conf.School.example')).toBe('<0199-ab@conf.school.example>');
  });

  it.each([
    ['a b', 'x.example'],
    ['a>\r\nBcc: x', 'x.example'],
    ['a', 'x.example>\r\n'],
    ['', 'x.example'],
    ['a..b', 'x.example'],
  ])('refuses what could break out of the header: %j %j', (id, domain) => {
    expect(() => messageId(id, domain)).toThrow(TypeError);
  });
});
