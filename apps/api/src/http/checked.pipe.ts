import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { Problem, type Fault } from './problem.js';

/** Bodies and queries through class-validator; every fault at once, each with its pointer. */
export const checkedPipe = () =>
  new ValidationPipe({
    transform: true,
    whitelist: true,
    stopAtFirstError: true,
    forbidUnknownValues: true,
    exceptionFactory: (errors) => new Problem(422, 'The request holds data that cannot be.', faultsOf(errors, '')),
  });

const faultsOf = (errors: readonly ValidationError[], root: string): Fault[] =>
  errors.flatMap((error) => [
    ...Object.values(error.constraints ?? {}).map((detail) => ({ pointer: `${root}/${error.property}`, detail })),
    ...faultsOf(error.children ?? [], `${root}/${error.property}`),
  ]);
