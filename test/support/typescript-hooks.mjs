// Jest loads its global setup outside its own module system, where nobody reads TypeScript. These hooks let plain Node
// import our sources there: `#libs/*` from source, `./x.js` from `./x.ts`, through the same swc that the tests use.
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const ours = (url) => url?.startsWith('file:') && !url.includes('/node_modules/');

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('#libs/'))
      return next(specifier, { ...context, conditions: [...context.conditions, 'app-source'] });
    if (/^\.\.?\/.*\.js$/.test(specifier) && ours(context.parentURL)) {
      for (const extension of ['.ts', '.tsx']) {
        const source = new URL(specifier.replace(/\.js$/, extension), context.parentURL);
        if (existsSync(source)) return { url: source.href, format: 'module', shortCircuit: true };
      }
    }
    return next(specifier, context);
  },
  load(url, context, next) {
    if (!ours(url) || !/\.tsx?$/.test(url)) return next(url, context);
    const filename = fileURLToPath(url);
    const { code } = transformSync(readFileSync(filename, 'utf8'), { filename });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
