import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { notFound } from './problem.js';

/** An id with U+0000 or half a character is that of nothing: no text in Postgres holds it. */
@Injectable()
export class NamedIdPipe implements PipeTransform {
  transform(value: unknown, { type }: ArgumentMetadata): unknown {
    if (type === 'param' && typeof value === 'string' && (value.includes('\0') || !value.isWellFormed()))
      throw notFound();
    return value;
  }
}
