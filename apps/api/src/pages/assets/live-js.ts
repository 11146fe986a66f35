/**
 * The live module of the evening page, as a string so that the compiler emits it. The page is whole without it: it
 * follows the progress stream, fetches the page's own live parts anew when counts change (words and buttons are written
 * by the server only), and says "I am here" every minute, which lends the login to the work that waits. A page whose stream
 * broke connects again with growing pauses, catches up, and says so when it cannot.
 */
export const liveJs = `const root = document.querySelector('[data-stream]');
if (root) follow(root);

function follow(root) {
  const SILENT_MS = 60000;
  const LONGEST_PAUSE_MS = 30000;
  // A deploy or a tunnel is over before anybody needs to read of it.
  const SAY_AFTER_MS = 4000;
  let last = '';
  let due = 0;
  let timer;
  let stream;
  let failures = 0;
  let lostSince = 0;
  let silence;
  let isOver = false;
  connect();

  function connect() {
    stream = new EventSource(root.dataset.stream);
    heard();
    stream.addEventListener('open', heard);
    stream.addEventListener('alive', heard);
    stream.addEventListener('progress', (event) => {
      heard();
      const wasLost = lostSince !== 0;
      failures = 0;
      lostSince = 0;
      say(null);
      const now = JSON.parse(event.data);
      show(now);
      if (wasLost || (last !== '' && last !== event.data)) refreshSoon();
      last = event.data;
    });
    stream.addEventListener('ended', (event) => {
      if (JSON.parse(event.data).reason !== 'signed-out') return lost();
      // Perhaps only to sign in again, in another tab.
      stream.close();
      clearTimeout(silence);
      void again();
    });
    stream.addEventListener('error', lost);
  }

  function heard() {
    clearTimeout(silence);
    silence = setTimeout(lost, SILENT_MS);
  }

  // The browser gives up for good at an answer that is no stream, as a proxy's 502: so the next try is ours, ever later.
  function lost() {
    if (isOver) return;
    stream.close();
    clearTimeout(silence);
    lostSince = lostSince || Date.now();
    failures += 1;
    const pause = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** failures) * (0.75 + Math.random() / 2);
    if (Date.now() - lostSince + pause > SAY_AFTER_MS) say('lost');
    setTimeout(() => void again(), pause);
  }

  // Asks first who is signed in: a stream does not say why it was refused.
  async function again() {
    const answer = await fetch(root.dataset.me, { credentials: 'same-origin' }).catch(() => null);
    if (isOver) return;
    if (answer?.status === 401) return over('signed-out');
    if (answer?.ok && (await answer.json().catch(() => null))?.person?.id !== root.dataset.viewer) return over('somebody-else');
    if (!answer?.ok) return lost();
    connect();
  }

  // Nothing on this page is kept up to date any more: it says so, and how to go on.
  function over(why) {
    isOver = true;
    stream.close();
    clearTimeout(silence);
    clearTimeout(timer);
    say(why);
  }

  function say(why) {
    for (const sentence of document.querySelectorAll('[data-connection]')) sentence.hidden = sentence.dataset.connection !== why;
  }

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
    if (timer || isOver) return;
    timer = setTimeout(async () => {
      timer = undefined;
      due = Date.now() + 2000;
      await refresh().catch(() => undefined);
    }, Math.max(0, due - Date.now()));
  }

  async function refresh() {
    const answer = await fetch(location.pathname, { headers: { accept: 'text/html' }, credentials: 'same-origin' });
    if (isOver || !answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (fresh.querySelector('[data-viewer]')?.dataset.viewer !== root.dataset.viewer) return over('somebody-else');
    for (const part of root.querySelectorAll('[data-live]')) {
      const next = fresh.querySelector('[data-live="' + part.dataset.live + '"]');
      if (!next) continue;
      // Never takes the ground from under somebody's fingers: this part comes with the next change.
      if (part.contains(document.activeElement)) { refreshLater(); continue; }
      for (const open of part.querySelectorAll('details[open]')) {
        const same = [...next.querySelectorAll('details')].find((one) => one.dataset.key === open.dataset.key);
        if (same) same.open = true;
      }
      part.replaceWith(document.adoptNode(next));
    }
  }

  function refreshLater() {
    due = Date.now() + 5000;
    refreshSoon();
  }

  const visit = () => {
    if (isOver || document.visibilityState !== 'visible') return;
    fetch(root.dataset.visits, { method: 'POST', credentials: 'same-origin' }).catch(() => undefined);
  };
  visit();
  setInterval(visit, 60000);
  document.addEventListener('visibilitychange', visit);
}
`;
