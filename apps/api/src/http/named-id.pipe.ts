import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { isCleanText } from './clean-text.js';
import { notFound } from './problem.js';

/** An id with U+0000 or half a character is that of nothing: no text in Postgres holds it. */
@Injectable()
export class NamedIdPipe implements PipeTransform {
  transform(value: unknown, { type }: ArgumentMetadata): unknown {
    if (type === 'param' && typeof value === 'string' && !isCleanText(value)) throw notFound();
    return value;
  }
}
