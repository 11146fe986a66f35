/** The one stylesheet. A string, so that the compiler emits it. Logical properties only: it must read right to left too. */
export const siteCss = `:root {
  color-scheme: light dark;
  --ground: #f3f5f8; --card: #fff; --ink: #1c2733; --soft: #52606d; --line: #d5dce4;
  --accent: #1f5f99; --on-accent: #fff; --focus: #b45309;
  --good: #14633a; --good-bg: #e0f3e8; --busy: #1f4f86; --busy-bg: #e3eefa;
  --wait: #7a4b00; --wait-bg: #fdf0d5; --bad: #9b1c1c; --bad-bg: #fde6e6; --idle: #4a5763; --idle-bg: #e9edf1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12181f; --card: #1b232c; --ink: #e8edf2; --soft: #a9b5c0; --line: #34404c;
    --accent: #7db8ee; --on-accent: #0d1b28; --focus: #f5b454;
    --good: #9be0b8; --good-bg: #163726; --busy: #a9cdf2; --busy-bg: #1a324b;
    --wait: #f3cf8a; --wait-bg: #3f2f10; --bad: #f6b1b1; --bad-bg: #4a1f1f; --idle: #bcc7d1; --idle-bg: #2a343e;
  }
}
*, *::before, *::after { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 1.0625rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: break-word;
}
.top, main, footer { max-inline-size: 60rem; margin-inline: auto; padding-inline: 1rem; }
.top { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between; padding-block: .75rem; }
.brand { color: var(--ink); font-weight: 650; text-decoration: none; padding-block: .5rem; }
.who { display: flex; align-items: center; gap: .5rem; color: var(--soft); }
main { padding-block: .5rem 2rem; }
footer { padding-block: 1rem 2rem; border-block-start: 1px solid var(--line); }
footer a + a { margin-inline-start: 1rem; }
footer a, .tap { display: inline-block; padding-block: .625rem; min-block-size: 2.75rem; }
h1 { font-size: clamp(1.5rem, 5vw, 2rem); line-height: 1.2; margin-block: .5rem .25rem; text-wrap: balance; }
h2 { font-size: 1.2rem; line-height: 1.3; margin-block: 0 .5rem; }
section { margin-block: 1.25rem; }
p { margin-block: .5rem; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 6px; }
.skip { position: absolute; inset-inline-start: -999rem; }
.skip:focus { inset-inline-start: 1rem; inset-block-start: .5rem; background: var(--card); padding: .75rem; z-index: 1; }
.hidden { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.soft { color: var(--soft); font-size: .9375rem; }
.nowrap { white-space: nowrap; font-variant-numeric: tabular-nums; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1rem 1.125rem; }
.cards, .links, .accounts { list-style: none; margin: 0; padding: 0; }
.cards { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); }
.tile { display: flex; flex-direction: column; align-items: flex-start; gap: .25rem; block-size: 100%; }
a.tile { color: inherit; text-decoration: none; }
a.tile:hover { border-color: var(--accent); }
.tile .button { margin-block-start: auto; }
.links li { padding-block: .375rem; }
button, .button {
  display: inline-flex; align-items: center; justify-content: center; min-block-size: 2.75rem;
  padding: .5rem 1rem; border-radius: 10px; border: 1px solid var(--accent); background: transparent;
  color: var(--accent); font: inherit; font-weight: 600; text-decoration: none; text-align: center; cursor: pointer;
}
button:hover, .button:hover { background: var(--busy-bg); }
button.primary { background: var(--accent); color: var(--on-accent); min-block-size: 3.25rem; inline-size: 100%; font-size: 1.125rem; }
button.primary:hover { filter: brightness(1.1); }
button.quiet { border-color: transparent; font-weight: 500; padding-inline: 0; text-decoration: underline; text-underline-offset: .2em; }
.action { margin-block: .5rem; }
.accounts { display: grid; gap: 1rem; }
.accounts > li + li { border-block-start: 1px solid var(--line); padding-block-start: 1rem; }
.chip { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; justify-content: space-between; }
.chip .action { margin: 0; }
.account { font-weight: 600; overflow-wrap: anywhere; }
progress { inline-size: 100%; block-size: .875rem; accent-color: var(--accent); }
.counts { display: grid; gap: .5rem; grid-template-columns: repeat(auto-fit, minmax(7rem, 1fr)); margin: .75rem 0 0; }
.count { border-inline-start: 4px solid var(--line); padding-inline-start: .625rem; }
.count dt { color: var(--soft); font-size: .875rem; }
.count dd { margin: 0; font-size: 1.375rem; font-weight: 650; font-variant-numeric: tabular-nums; }
.count-ready { border-color: var(--good); } .count-working { border-color: var(--busy); }
.count-needsOwner { border-color: var(--wait); } .count-failed { border-color: var(--bad); }
.badge {
  display: inline-block; padding: .125rem .625rem; border-radius: 99px; font-size: .9375rem; font-weight: 600;
  color: var(--idle); background: var(--idle-bg);
}
.badge-ready { color: var(--good); background: var(--good-bg); }
.badge-queued, .badge-creating, .badge-updating, .badge-retrying, .badge-removing { color: var(--busy); background: var(--busy-bg); }
.badge-needs_owner { color: var(--wait); background: var(--wait-bg); }
.badge-failed { color: var(--bad); background: var(--bad-bg); }
.banner { border-color: var(--wait); background: var(--wait-bg); color: var(--wait); }
.banner .soft { color: inherit; }
.banner .button { background: var(--card); }
.banner .chip { margin-block: .5rem; }
.badges { display: flex; flex-wrap: wrap; gap: .375rem; }
.rows { inline-size: 100%; border-collapse: separate; border-spacing: 0; background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
.rows th, .rows td { padding: .625rem .875rem; text-align: start; vertical-align: top; border-block-start: 1px solid var(--line); }
.rows thead th { border: 0; color: var(--soft); font-size: .875rem; font-weight: 600; }
.rows p { margin-block: .25rem; }
.rows .rows { margin-block-start: .5rem; border-radius: 8px; }
.rows .action { margin: 0; }
.todo { display: flex; flex-wrap: wrap; gap: .25rem .875rem; align-items: center; }
.owner { display: flex; flex-wrap: wrap; gap: 0 .5rem; }
summary { min-block-size: 2.75rem; padding-block: .625rem; cursor: pointer; color: var(--accent); }
.scroll { overflow-x: auto; }
.facts { display: grid; grid-template-columns: fit-content(40%) 1fr; gap: .25rem 1rem; margin: 0; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.facts + .facts { margin-block-start: .75rem; padding-block-start: .75rem; border-block-start: 1px solid var(--line); }
table { border-collapse: collapse; inline-size: 100%; }
th, td { text-align: start; vertical-align: top; padding: .375rem 1rem .375rem 0; border-block-end: 1px solid var(--line); }
.fields { display: grid; gap: .75rem; justify-items: start; }
.fields label { display: grid; gap: .25rem; inline-size: min(100%, 28rem); }
.fields input { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--soft); border-radius: .5rem; padding: .5rem .625rem; min-block-size: 2.75rem; }
.field { display: grid; gap: .25rem; inline-size: 100%; }
.fields .tick { grid-template-columns: auto 1fr; align-items: start; gap: .625rem; inline-size: 100%; }
.fields input[type=checkbox] { inline-size: 1.375rem; block-size: 1.375rem; min-block-size: 0; margin: .125rem 0 0; padding: 0; accent-color: var(--accent); }
.fields input[aria-invalid] { border: 2px solid var(--bad); }
.fields { margin-block-start: .75rem; }
.wrong { margin: 0; max-inline-size: 28rem; padding: .375rem .625rem; border-radius: .5rem; color: var(--bad); background: var(--bad-bg); }
button.danger { border-color: var(--bad); color: var(--bad); }
button.danger:hover { background: var(--bad-bg); }
h3 { font-size: 1rem; margin-block: 1rem .25rem; }
.card ul:not([class]) { margin-block: .25rem; padding-inline-start: 1.25rem; }
code { overflow-wrap: anywhere; font-size: .875rem; }
.state { font-size: 1.125rem; padding: .75rem 1rem; border-radius: 10px; background: var(--idle-bg); color: var(--idle); }
.state-open { background: var(--good-bg); color: var(--good); }
.state-early, .state-not-ready, .state-sign-in { background: var(--busy-bg); color: var(--busy); }
.state-cancelled, .state-removed { background: var(--wait-bg); color: var(--wait); }
@media (max-width: 40rem) {
  .rows, .rows tbody, .rows tr, .rows th, .rows td { display: block; }
  .rows thead { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
  .rows tr { border-block-start: 1px solid var(--line); padding-block: .5rem; }
  .rows tbody tr:first-child { border: 0; }
  .rows th, .rows td { border: 0; padding-block: .125rem; }
  .rows .rows th, .rows .rows td { padding-inline: .5rem; }
}
@media (max-width: 44rem) {
  .stacked, .stacked tbody, .stacked tr, .stacked th, .stacked td { display: block; }
  .stacked thead { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
  .stacked tr { border: 1px solid var(--line); border-radius: 10px; padding: .5rem .75rem; margin-block-start: .5rem; }
  .stacked th, .stacked td { border: 0; padding: .125rem 0; overflow-wrap: anywhere; }
  .stacked td { display: grid; grid-template-columns: 9rem 1fr; gap: .75rem; }
  .stacked td::before { content: attr(data-label); color: var(--soft); font-size: .9375rem; }
}
@media (prefers-reduced-motion: no-preference) { button, .button, a.tile { transition: background-color .15s, border-color .15s; } }
`;
