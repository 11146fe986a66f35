// CommonJS packages that require() Nest would meet its ES modules half loaded; loading them first breaks the circle.
await import('reflect-metadata');
await import('@nestjs/common');
await import('@nestjs/core');
await import('@nestjs/bullmq');
