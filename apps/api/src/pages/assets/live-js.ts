/**
 * The live module of the evening page, as a string so that the compiler emits it. The page is whole without it: it
 * follows the progress stream, fetches the page's own live parts anew when counts change (words and buttons are written
 * by the server only), and says "I am here" every minute, which lends the login to the work that waits.
 */
export const liveJs = `const root = document.querySelector('[data-stream]');
if (root) follow(root);

function follow(root) {
  let last = '';
  let due = 0;
  let timer;
  const stream = new EventSource(root.dataset.stream);
  stream.addEventListener('progress', (event) => {
    const now = JSON.parse(event.data);
    show(now);
    if (last !== '' && last !== event.data) refreshSoon();
    last = event.data;
  });

  // Signed out elsewhere: the page as it is now says so, and how to go on.
  stream.addEventListener('ended', (event) => {
    if (JSON.parse(event.data).reason !== 'signed-out') return;
    stream.close();
    location.reload();
  });

  function show(now) {
    const bar = document.getElementById('progress');
    bar.max = Math.max(now.total, 1);
    bar.value = now.ready;
    for (const element of document.querySelectorAll('[data-count]')) {
      element.textContent = String(now[element.dataset.count] ?? 0);
    }
    const summary = document.getElementById('progress-summary');
    const text = summary.dataset.template.replace('{ready}', now.ready).replace('{total}', now.total);
    if (summary.textContent !== text) summary.textContent = text;
  }

  // At most once in two seconds, however fast the counts change.
  function refreshSoon() {
    if (timer) return;
    timer = setTimeout(async () => {
      timer = undefined;
      due = Date.now() + 2000;
      await refresh().catch(() => undefined);
    }, Math.max(0, due - Date.now()));
  }

  async function refresh() {
    const answer = await fetch(location.pathname, { headers: { accept: 'text/html' }, credentials: 'same-origin' });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const part of root.querySelectorAll('[data-live]')) {
      const next = fresh.querySelector('[data-live="' + part.dataset.live + '"]');
      if (!next) continue;
      // Never takes the ground from under somebody's fingers: this part comes with the next change.
      if (part.contains(document.activeElement)) { again(); continue; }
      for (const open of part.querySelectorAll('details[open]')) {
        const same = [...next.querySelectorAll('details')].find((one) => one.dataset.key === open.dataset.key);
        if (same) same.open = true;
      }
      part.replaceWith(document.adoptNode(next));
    }
  }

  function again() {
    due = Date.now() + 5000;
    refreshSoon();
  }

  const visit = () => {
    if (document.visibilityState !== 'visible') return;
    fetch(root.dataset.visits, { method: 'POST', credentials: 'same-origin' }).catch(() => undefined);
  };
  visit();
  setInterval(visit, 60000);
  document.addEventListener('visibilitychange', visit);
}
`;
