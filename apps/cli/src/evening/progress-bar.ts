const WIDTH = 40;

/** A bar that is drawn over itself on a terminal, and a line per tenth elsewhere. */
export function progressBar(
  out: NodeJS.WriteStream,
  what: string,
): { show: (done: number, total: number) => void; end: () => void } {
  let tenth = -1;
  return {
    show: (done, total) => {
      const share = total === 0 ? 0 : done / total;
      const bar = `${'█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '░')} ${done}/${total} ${what}`;
      if (out.isTTY) out.write(`\r${bar}`);
      else if (Math.floor(share * 10) !== tenth) {
        tenth = Math.floor(share * 10);
        out.write(`${bar}\n`);
      }
    },
    end: () => {
      if (out.isTTY) out.write('\n');
    },
  };
}
