import { ParseUUIDPipe } from '@nestjs/common';
import { notFound } from '../http/problem.js';

/** An id that cannot be one is unknown like any other. */
export const asUuid = new ParseUUIDPipe({ exceptionFactory: notFound });
