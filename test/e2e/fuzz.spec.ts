import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fuzzRequests } from '../privacy/fuzz-requests.js';
import { ASchool } from '../support/a-school.js';
import { Product, bare } from '../support/product.js';

// A share of `npm run fuzz`, by a seed of each day: a failing one is printed and can be run again.
describe('P13 whatever is sent, it is refused with a reason and nothing breaks', () => {
  let product: Product;
  beforeAll(async () => {
    product = await Product.start();
  });
  afterAll(() => product?.close());

  const seed = Number(new Date().toISOString().slice(0, 10).replaceAll('-', ''));

  it(`1,500 requests of seed ${seed}`, async () => {
    const { statuses, faults } = await fuzzRequests(product.appUrl, product.sandbox, { requests: 1_500, seed });
    expect(faults).toEqual([]);
    expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['202', '400', '401', '403', '404', '422']));
    const school = new ASchool();
    const [first] = await product.emit(school.slot());
    expect(first!.status).toBe('accepted');
    expect((await bare(`${product.appUrl}/readyz`)).status).toBe(200);
  }, 120_000);
});
