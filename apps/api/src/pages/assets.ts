import { liveJs } from './assets/live-js.js';
import { siteCss } from './assets/site-css.js';

export interface Asset {
  readonly contentType: string;
  readonly body: string;
}

/** What `/assets/{name}` serves. Nothing else is needed by any page. */
export const ASSETS: Readonly<Record<'site.css' | 'live.js', Asset>> = {
  'site.css': { contentType: 'text/css; charset=utf-8', body: siteCss },
  'live.js': { contentType: 'text/javascript; charset=utf-8', body: liveJs },
};
