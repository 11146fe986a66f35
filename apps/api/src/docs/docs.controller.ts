import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Core } from '../core.js';
import { Allow } from '../http/access.js';
import type { CalledRequest } from '../http/caller.js';
import { frameOf } from '../http/problem.filter.js';
import { asyncApi } from './asyncapi.js';
import { renderDocsPage } from './docs-page.js';
import { openApi } from './openapi.js';

/** The API, for programs and for people. Public: it says nothing of anybody. */
@Controller()
export class DocsController {
  constructor(@Inject(Core) private readonly core: Core) {}

  @Get('docs')
  @Allow('public')
  docs(@Req() request: CalledRequest, @Res() response: Response) {
    const { appUrl } = this.core.settings;
    response.type('html').send(renderDocsPage({ frame: frameOf(request), api: openApi(appUrl) }));
  }

  @Get('v1/openapi.json')
  @Allow('public')
  openApi() {
    return openApi(this.core.settings.appUrl);
  }

  @Get('v1/asyncapi.json')
  @Allow('public')
  asyncApi() {
    return asyncApi(this.core.settings.appUrl);
  }
}
