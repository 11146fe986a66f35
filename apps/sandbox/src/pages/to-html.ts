import type { VNode } from 'preact';
import { render } from 'preact-render-to-string';

export const toHtml = (node: VNode): string => `<!doctype html>${render(node)}`;
