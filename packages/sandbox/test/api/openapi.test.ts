import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { description } from '../support/description.ts';

test('a validator of OpenAPI accepts the description, as version 3.1', async () => {
  const validator = new Validator();
  expect(await validator.validate({ ...description })).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
});

test('the same validator refuses a description that is wrong', async () => {
  const { paths, ...rest } = description;
  const wrong = { ...rest, paths: Object.values(paths) };
  expect(await new Validator().validate(wrong)).toMatchObject({ valid: false });
});

test('names every call, and for each what is documented to go wrong', () => {
  const calls = Object.entries(description.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { responses }]) => [
      `${method.toUpperCase()} ${path}`,
      Object.keys(responses).join(' '),
    ]),
  );
  expect(calls).toEqual([
    ['POST /tickets/{ticketId}/status', '200 400 401 403 404 429'],
    ['POST /tickets/{ticketId}/claim', '200 400 401 403 404 429'],
    ['POST /tickets/{ticketId}/unclaim', '200 400 401 403 404 429'],
    ['GET /tickets/get/{ticketId}', '200 401 403 404 429'],
    ['GET /tickets/list', '200 400 401 403 429'],
  ]);
});
