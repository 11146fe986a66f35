import type { ComponentChildren } from 'preact';

const STYLE = `
:root { color-scheme: light; --ink: #1f2a37; --soft: #5b6675; --line: #dde2ea; --tint: #2457c5; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: #f3f5f9; }
main { margin: 2rem auto; padding: 2rem; max-width: 34rem; background: #fff; border: 1px solid var(--line); border-radius: 14px; }
main.wide { max-width: 62rem; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; } h2 { margin: 2rem 0 .5rem; font-size: 1.1rem; }
p.soft, .soft { color: var(--soft); } p { margin: .5rem 0 1rem; }
fieldset { margin: 0 0 1rem; padding: 0; border: 0; } legend { padding: 0; margin-bottom: .5rem; font-weight: 600; }
label.choice { display: flex; gap: .75rem; align-items: flex-start; padding: .7rem .9rem; border: 1px solid var(--line); border-radius: 10px; margin-bottom: .5rem; cursor: pointer; }
label.choice:has(:checked) { border-color: var(--tint); background: #f2f6ff; }
label.choice input[type=radio], label.choice input[type=checkbox] { margin-top: .3rem; flex: none; }
label.choice small { display: block; color: var(--soft); }
input[type=email] { width: 100%; padding: .55rem .7rem; font: inherit; border: 1px solid var(--line); border-radius: 8px; margin-top: .3rem; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; justify-content: flex-end; }
button { font: inherit; padding: .55rem 1.1rem; border-radius: 8px; border: 1px solid var(--line); background: #fff; color: var(--ink); cursor: pointer; }
button.main { background: var(--tint); border-color: var(--tint); color: #fff; }
button.small { padding: .2rem .6rem; font-size: .9rem; }
:focus-visible { outline: 3px solid #9dbcff; outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; } th, td { text-align: left; padding: .5rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-size: .85rem; color: var(--soft); font-weight: 600; } td form { display: inline-block; margin-right: .3rem; }
tr.cancelled td:not(:last-child) { text-decoration: line-through; color: var(--soft); }
.badge { display: inline-block; padding: .1rem .5rem; border-radius: 99px; background: #e8edf7; font-size: .8rem; color: var(--soft); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; background: #f7f8fb; border: 1px solid var(--line); border-radius: 8px; }
iframe { width: 100%; height: 28rem; border: 1px solid var(--line); border-radius: 8px; background: #fff; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
a { color: var(--tint); }
.people { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .6rem; } .people button { width: 100%; text-align: left; }
.people small { display: block; color: var(--soft); } footer { margin-top: 1.5rem; font-size: .85rem; color: var(--soft); }`;

/** Every page of the sandbox says that it is one: nobody shall type a real password here. */
export const Layout = (props: { title: string; wide?: boolean; children: ComponentChildren }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{props.title}</title>
      <style dangerouslySetInnerHTML={{ __html: STYLE }} />
    </head>
    <body>
      <main class={props.wide ? 'wide' : ''}>
        {props.children}
        <footer>A stand-in that runs on this computer. It asks for no password and sends nothing anywhere.</footer>
      </main>
    </body>
  </html>
);

/** Carries the parameters of the page's address through its form. */
export const HiddenFields = (props: { values: Record<string, string | undefined> }) => (
  <>
    {Object.entries(props.values).map(([name, value]) => (
      <input key={name} type="hidden" name={name} value={value ?? ''} />
    ))}
  </>
);
