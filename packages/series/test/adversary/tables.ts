import type { Outcome } from '@ticket-lifecycle/series';
import {
  cut,
  encodings,
  failureBody,
  honest,
  httpDate,
  inForm,
  messageOf,
  says,
  silent,
  spoilt,
  successBody,
  ticketBody,
  timeText,
  trickle,
  unusual,
  write,
  type AnswerMaker,
  type Framing,
  type TicketFields,
} from './answers.ts';
import type { Ending, Reply, ServerTicket } from './server.ts';

/**
 * What a write's answer lets a reader know, if the reader believes what is documented. Where a reset
 * races the answer, it may be either.
 */
export type Shows =
  | 'applied'
  | 'applied-or-doubt'
  | 'refused'
  | 'doubt'
  | 'limited'
  | 'unreachable';

/** What happens to one write. */
export interface WritePart {
  readonly name: string;
  readonly reply: Reply;
  /** Whether the server applies it, be it late. */
  readonly isApplied: boolean;
  readonly shows: Shows;
  /** How long the whole answer takes. */
  readonly takesMs?: number;
  /**
   * The answer denies what was done: no reader of it alone could know. By decision a 4xx but 408 and
   * 429 is a refusal, whatever its body, so a 4xx after the change was made is such a lie.
   */
  readonly isLie?: true;
}

/** What happens to one read. */
export interface ReadPart {
  readonly name: string;
  readonly answer: AnswerMaker;
  readonly answerAfterMs?: number;
  /** How many reads are treated so; the next ones are answered honestly. */
  readonly times: number;
  /** `all`: status and when it was changed last. `status`: no proof that nothing happened since. */
  readonly shows: 'all' | 'status' | 'nothing';
  /** What a change ends as whose ticket is read so first. */
  readonly first?: Outcome['kind'];
}

/** Somebody else, at some moment. */
export interface ColleaguePart {
  readonly name: string;
  readonly moment: Moment;
  /** What they set the ticket to, one after another, with the time from one to the next. */
  readonly moves: readonly (readonly [ServerTicket['status'] | 'claim', number])[];
}

export type Moment = 'before all' | 'after the read' | 'as the write comes' | 'after it is applied';

const foreignPage = '<!doctype html><html><title>Gateway</title><body>Bad day.</body></html>';
const html = 'text/html; charset=utf-8';
const never = 'never';
const before = 'before';

const part = (
  name: string,
  apply: Reply['apply'],
  shows: Shows,
  answer: AnswerMaker,
  more: Partial<Reply> & Pick<WritePart, 'isLie' | 'takesMs'> = {},
): WritePart => {
  const { isLie, takesMs = more.answerAfterMs ?? 0, ...reply } = more;
  return {
    name,
    reply: { apply, answer, ...reply },
    isApplied: apply !== 'never',
    shows,
    takesMs,
    ...(isLie === undefined ? {} : { isLie }),
  };
};

/** The same answer, applied and not. */
const both = (
  name: string,
  shows: Shows,
  answer: AnswerMaker,
  more: Parameters<typeof part>[4] = {},
): WritePart[] => [
  part(`applied, then ${name}`, before, shows, answer, more),
  part(`not applied, then ${name}`, never, shows, answer, more),
];

export const honestWrite = part('answers honestly', before, 'applied', honest);

const bodyless = new Set([204, 205, 304]);

const successes: WritePart[] = [201, 202, 203, 204, 205, 206, 207, 208, 226, 299].flatMap(
  (status) =>
    both(`answered ${status} with the body of a success`, 'doubt', (server, request) =>
      write(server, { status, body: bodyless.has(status) ? '' : successBody(request) }),
    ),
);

const redirects: WritePart[] = [300, 301, 302, 303, 304, 305, 307, 308].flatMap((status) =>
  both(`answered ${status} that points to another place`, 'doubt', (server) =>
    write(server, { status, headers: [['location', '/tickets/elsewhere']] }),
  ),
);

const refusals: WritePart[] = [
  400, 401, 402, 403, 404, 405, 406, 409, 410, 412, 413, 418, 422, 423, 425, 428, 431, 451,
].flatMap((status) => {
  const documented = says({ status, body: failureBody(status, messageOf(status)) });
  const foreign = says({ status, type: html, body: foreignPage });
  return [
    part(`not applied, refused with ${status} as documented`, never, 'refused', documented),
    part(`not applied, refused with ${status} by a page of HTML`, never, 'refused', foreign),
    part(`applied, refused with ${status} by a page of HTML`, before, 'refused', foreign, {
      isLie: true,
    }),
    ...(status % 4 === 0
      ? [
          part(`applied, refused with ${status} as documented`, before, 'refused', documented, {
            isLie: true,
          }),
        ]
      : []),
  ];
});

const failures: WritePart[] = [
  408, 500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 522, 524,
].flatMap((status) => [
  ...both(
    `answered ${status} as the API would`,
    'doubt',
    says({ status, body: failureBody(status, 'Internal error') }),
  ),
  ...both(
    `answered ${status} with a page of HTML`,
    'doubt',
    says({ status, type: html, body: foreignPage }),
  ),
]);

const strangeStatuses: WritePart[] = [0, 42, 100, 101, 199, 600, 999].flatMap((status) =>
  both(`answered ${status}, which is no final status`, 'doubt', (server, request) =>
    write(server, { status, body: successBody(request), end: 'close' }),
  ),
);

const interim: WritePart[] = (
  [
    ['102 Processing', 'HTTP/1.1 102 Processing\r\n\r\n', 'applied'],
    ['103 Early Hints', 'HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n', 'applied'],
    ['two of 102', 'HTTP/1.1 102 P\r\n\r\nHTTP/1.1 102 P\r\n\r\n', 'applied'],
    ['100 Continue', 'HTTP/1.1 100 Continue\r\n\r\n', 'doubt'],
  ] as const
).map(([name, text, shows]) =>
  part(`applied, with ${name} first`, before, shows, (server, request) =>
    write(server, { before: text, body: successBody(request) }),
  ),
);

const framings: WritePart[] = (
  [
    ['chunked', 'applied'],
    ['until-close', 'applied'],
    ['too-long', 'doubt'],
    ['too-short', 'doubt'],
    ['both', 'doubt'],
  ] as const satisfies readonly (readonly [Framing, Shows])[]
).map(([framing, shows]) =>
  part(`applied, the body framed as ${framing}`, before, shows, inForm({ framing })),
);

const inEncodings: WritePart[] = [
  ...Object.entries(encodings).map(([name, encode]) =>
    part(
      `applied, the answer encoded with ${name}`,
      before,
      'applied',
      inForm({ headers: [['content-encoding', name]] }, encode),
    ),
  ),
  ...Object.entries(spoilt).flatMap(([name, [header, encode]]) =>
    both(
      `answered in ${name}`,
      'doubt',
      inForm({ headers: [['content-encoding', header]] }, encode),
    ),
  ),
  ...Object.entries(unusual).map(([name, [header, encode]]) =>
    part(
      `applied, the answer in ${name}`,
      before,
      'applied',
      inForm({ headers: [['content-encoding', header]] }, encode),
    ),
  ),
];

const bodies: readonly (readonly [name: string, body: string, type?: string])[] = [
  ['an empty body', ''],
  ['a body of spaces', '  \n '],
  ['a body of zero bytes', '\0\0\0'],
  ['half a body of JSON, framed as whole', '{"success":true,"data":{"mess'],
  ['a page of HTML', foreignPage, html],
  ['a page of HTML that says it is JSON', foreignPage],
  ['success: false', failureBody(400, 'Invalid status')],
  ['success: false without a reason', '{"success":false}'],
  ['success and an error at once', '{"success":true,"error":{"code":500,"message":"x"}}'],
  ['an error alone', '{"error":{"code":500,"message":"x"}}'],
  ['foreign JSON', '{"ok":true}'],
  ['JSON that says ok: false', '{"ok":false}'],
  ['success: "true", a text', '{"success":"true","data":{"message":"Status changed"}}'],
  ['success: 1', '{"success":1,"data":{"message":"Status changed"}}'],
  ['success: null', '{"success":null,"data":{}}'],
  ['JSON without success', '{"data":{"message":"Status changed to in-progress"}}'],
  ['null', 'null'],
  ['true', 'true'],
  ['a number', '200'],
  ['a list', '[{"success":true}]'],
  ['a text in JSON', '"success"'],
  ['two answers in one body', '{"success":true}{"success":false}'],
  ['JSON nested a thousand deep', `${'['.repeat(1000)}${']'.repeat(1000)}`],
  ['XML', '<?xml version="1.0"?><ok/>', 'application/xml'],
];

const strangeBodies: WritePart[] = bodies.flatMap(([name, body, type = 'application/json']) =>
  both(`answered 200 with ${name}`, 'doubt', says({ body, type })),
);

const ring = ['open', 'in-progress', 'resolved', 'closed'] as const;

/** A success that names a status so many steps from the one that was asked for. */
const namesAnother =
  (steps: number, name: (status: string) => string): AnswerMaker =>
  (server, { call }) => {
    const asked = ring.indexOf(call?.status ?? 'open');
    const message = name(ring[(asked + steps) % ring.length] ?? 'open');
    return write(server, { body: JSON.stringify({ success: true, data: { message } }) });
  };
const otherStatuses: WritePart[] = [
  ...both(
    'answered 200 with another status in the message',
    'doubt',
    namesAnother(2, (status) => `Status changed to ${status}`),
  ),
  ...both(
    'answered 200 with the old status in the message',
    'doubt',
    namesAnother(3, (status) => `Status changed to ${status}`),
  ),
  ...both(
    'answered 200 with another status in quotes in the message',
    'doubt',
    namesAnother(1, (status) => `status changed to "${status}"`),
  ),
];

const wholeBodies: WritePart[] = [
  part('applied, the body behind a byte order mark', before, 'applied', (server, request) =>
    write(server, { body: `\uFEFF${successBody(request)}` }),
  ),
  part('applied, the body in text/plain', before, 'applied', inForm({ type: 'text/plain' })),
  part('applied, the body without a type', before, 'applied', inForm({ type: '' })),
  part(
    'applied, with error: null',
    before,
    'applied',
    says({ body: '{"success":true,"error":null}' }),
  ),
  part('applied, with fields that nobody knows', before, 'applied', (server, request) =>
    write(server, { body: successBody(request).replace('{', '{"version":2,"error":null,') }),
  ),
  part('not applied, but answered as a success', never, 'applied', honest, { isLie: true }),
  part('applied after it was answered', 'after', 'applied', honest),
  part('applied 300 ms after a success was answered', 300, 'applied', honest),
  part('processed twice by the server itself', before, 'applied', honest, { twice: true }),
];

const ages: WritePart[] = [
  '120',
  '1',
  '0, 120',
  '120, 0',
  'old',
  '1e3',
  '-5',
  '99999999999',
].flatMap((age) =>
  both(`answered by a cache of age "${age}"`, 'doubt', (server, request) =>
    write(server, { headers: [['age', age]], body: successBody(request) }),
  ),
);
const freshAges: WritePart[] = ['0', '0, 0'].map((age) =>
  part(
    `applied, answered with the age "${age}"`,
    before,
    'applied',
    inForm({ headers: [['age', age]] }),
  ),
);

const connections: WritePart[] = [
  ...both('reset without an answer', 'doubt', silent('reset')),
  ...both('closed without an answer', 'doubt', silent('close')),
  ...both('half-closed without an answer', 'doubt', silent('half-close')),
  ...both('never answered', 'doubt', silent('hang')),
  part(
    'applied, then reset right behind the answer',
    before,
    'applied-or-doubt',
    (server, request) => ({
      ...honest(server, request),
      end: 'reset',
    }),
  ),
  part('applied, then half-closed behind the answer', before, 'applied', (server, request) => ({
    ...honest(server, request),
    end: 'half-close',
  })),
  part('applied, answered in drops over 4 s', before, 'applied', trickle(honest, 20, 200), {
    takesMs: 4000,
  }),
  part('applied, answered in drops over 40 s', before, 'doubt', trickle(honest, 20, 2000)),
  part('applied, answered byte by byte', before, 'applied', trickle(honest, 400, 1), {
    takesMs: 500,
  }),
  part('applied, answered after 9 s', before, 'applied', honest, { answerAfterMs: 9000 }),
  part('applied, answered after 11 s', before, 'doubt', honest, { answerAfterMs: 11_000 }),
  part('applied, with a second answer behind the first', before, 'applied', (server, request) =>
    write(server, {
      body: successBody(request),
      after: 'HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n',
    }),
  ),
  part('applied, with junk behind the answer', before, 'applied', (server, request) =>
    write(server, { body: successBody(request), after: 'x'.repeat(2000) }),
  ),
  ...both('answered with junk', 'doubt', () => ({
    pieces: [Buffer.from('SSH-2.0-OpenSSH_9.9\r\n')],
    end: 'close',
  })),
  ...both('answered in HTTP/0.9', 'doubt', () => ({
    pieces: [Buffer.from('{"success":true}')],
    end: 'close',
  })),
  ...both('answered with a header without end', 'doubt', () => ({
    pieces: [Buffer.from(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}`)],
    end: 'close',
  })),
  ...[0, 300, 600, 2500].flatMap((downForMs) =>
    both(`reset, and nobody listens for ${downForMs} ms`, 'doubt', silent('reset'), { downForMs }),
  ),
];

/** After answering the read, the server closes the connection as the write comes over it. */
const races: WritePart[] = [
  part('not applied, as the kept connection is closed right then', never, 'doubt', silent('close')),
  part('applied, as the kept connection is closed right then', before, 'doubt', silent('close')),
];

const limits: WritePart[] = [
  ...[
    undefined,
    '0',
    '1',
    '7',
    '59',
    '-1',
    '1.5',
    'soon',
    '',
    '1e2',
    '0x10',
    '1, 2',
    'Thu, 01 Jan 1970 00:00:00 GMT',
    'in a minute',
  ].map((value) =>
    part(
      value === undefined
        ? 'refused with 429 without Retry-After'
        : `refused with 429 and Retry-After "${value}"`,
      never,
      'limited',
      says({
        status: 429,
        headers: value === undefined ? [] : [['retry-after', value]],
        body: failureBody(429, 'Too many requests'),
      }),
    ),
  ),
  part('refused with 429 until a date in 5 s', never, 'limited', (server) =>
    write(server, { status: 429, headers: [['retry-after', httpDate(server.now() + 5000)]] }),
  ),
  ...['3600', '75', '999999999999999999999'].map((value) =>
    part(
      `refused with 429 and Retry-After "${value}", beyond all patience`,
      never,
      'unreachable',
      says({ status: 429, headers: [['retry-after', value]] }),
    ),
  ),
  ...['0', '2', '3600'].flatMap((value) =>
    both(
      `answered 503 with Retry-After ${value}`,
      'doubt',
      says({ status: 503, headers: [['retry-after', value]], type: html, body: foreignPage }),
    ),
  ),
  part('applied, yet refused with 429', before, 'limited', says({ status: 429 }), { isLie: true }),
];

/** The shortest answer that says yes, so that few bytes are many of the cases. */
const shortest: AnswerMaker = (_, request) => {
  const body = successBody(request);
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  return { pieces: [Buffer.from(`${head}\r\n\r\n${body}`)], end: 'keep' };
};
const shortestLength = 138;
const cutEndings: readonly Ending[] = ['close', 'reset', 'hang'];
const cuts: WritePart[] = Array.from({ length: shortestLength }, (_, at) => {
  const end = cutEndings[at % cutEndings.length] ?? 'close';
  const isApplied = at % 4 !== 3;
  return part(
    `${isApplied ? 'applied' : 'not applied'}, the answer ends after byte ${at} (${end})`,
    isApplied ? before : never,
    'doubt',
    (server, request) => {
      const { length } = shortest(server, request).pieces[0] ?? '';
      return cut(shortest, Math.min(at, length - 1), end)(server, request);
    },
  );
});

const latenesses = [1, 400, 2000, 5000, 9999, 12_000, 18_000, 25_000] as const;

const lateAnswers: readonly (readonly [
  name: string,
  answer: AnswerMaker,
  more?: Partial<Reply>,
])[] = [
  ['nothing is answered', silent('hang')],
  ['the connection is reset', silent('reset')],
  ['a gateway answers 504', says({ status: 504, type: html, body: foreignPage })],
  ['a gateway answers 502 in JSON', says({ status: 502, body: failureBody(502, 'Bad gateway') })],
  ['a page of HTML comes with 500', says({ status: 500, type: html, body: foreignPage })],
  ['a page of HTML comes with 200', says({ type: html, body: foreignPage })],
  ['408 is answered', says({ status: 408 })],
  ['202 is answered', says({ status: 202, body: '{"queued":true}' })],
];

/** Processed late, while the answer says nothing of it. */
export const lateWrites: WritePart[] = lateAnswers.flatMap(([name, answer, more]) =>
  latenesses.map((ms) =>
    part(`${name}, and it is applied ${ms} ms late`, ms, 'doubt', answer, more),
  ),
);

/** Whatever may happen to a write. */
export const writeParts: readonly WritePart[] = [
  honestWrite,
  ...successes,
  ...redirects,
  ...refusals,
  ...failures,
  ...strangeStatuses,
  ...interim,
  ...framings,
  ...inEncodings,
  ...strangeBodies,
  ...otherStatuses,
  ...wholeBodies,
  ...ages,
  ...freshAges,
  ...connections,
  ...races,
  ...limits,
  ...cuts,
];

/** The plainest ways to lose an answer. */
export const lostWrites: readonly WritePart[] = [
  ...both('reset', 'doubt', silent('reset')),
  ...both('silence', 'doubt', silent('hang')),
  ...both('a 502 page', 'doubt', says({ status: 502, type: html, body: foreignPage })),
];

const forever = Infinity;
const read = (
  name: string,
  shows: ReadPart['shows'],
  answer: AnswerMaker,
  times = forever,
  answerAfterMs = 0,
): ReadPart => ({ name, shows, answer, times, answerAfterMs });

const ticket =
  (change: (fields: TicketFields) => unknown, headers: [string, string][] = []): AnswerMaker =>
  (server, request) =>
    write(server, { headers, body: ticketBody(server, request, { change }) });

const old =
  (age: string): AnswerMaker =>
  (server, request) =>
    write(server, {
      headers: [['age', age]],
      body: ticketBody(server, request, {
        change: (fields) => ({
          ...fields,
          Status: 'open',
          UpdatedAt: fields['CreatedAt'],
          ClaimedByUser: null,
        }),
      }),
    });

const refusedRead = (status: number): AnswerMaker =>
  says({ status, body: failureBody(status, messageOf(status)) });

export const honestRead = read('the ticket is shown as it is', 'all', honest);

/** Whatever may happen to a read. */
export const readParts: readonly ReadPart[] = [
  honestRead,
  ...[400, 401, 403, 404, 409, 422].map((status): ReadPart => ({
    ...read(`every read is refused with ${status}`, 'nothing', refusedRead(status)),
    first: status === 404 ? 'blocked' : 'refused',
  })),
  ...[500, 502, 503, 504].map((status) =>
    read(`every read fails with ${status}`, 'nothing', refusedRead(status)),
  ),
  read('two reads fail with 500', 'all', refusedRead(500), 2),
  read('six reads fail with 503', 'all', refusedRead(503), 6),
  read('one read is limited', 'all', says({ status: 429 }), 1),
  read('every read is redirected', 'nothing', says({ status: 302, headers: [['location', '/']] })),
  ...['120', '0, 120', 'old'].map((age) =>
    read(`every read comes from a cache of age "${age}"`, 'nothing', old(age)),
  ),
  read('two reads come from a cache', 'all', old('30'), 2),
  read(
    'reads bear an age of 0',
    'all',
    ticket((fields) => fields, [['age', '0']]),
  ),
  read('every read is garbage', 'nothing', says({ body: '}{' })),
  read('every read is a page of HTML', 'nothing', says({ type: html, body: foreignPage })),
  read('every read is empty', 'nothing', says({ body: '' })),
  read(
    'every read shows another ticket',
    'nothing',
    ticket((f) => ({ ...f, _id: 'x', TicketId: 'T-2' })),
  ),
  read(
    'every read shows no status',
    'nothing',
    ticket((fields) => ({ ...fields, Status: undefined })),
  ),
  read('every read says success: false', 'nothing', (server, request) =>
    write(server, {
      body: ticketBody(server, request).replace('"success":true', '"success":false'),
    }),
  ),
  read(
    'every read shows a status that nobody knows',
    'nothing',
    ticket((f) => ({ ...f, Status: 'lost' })),
  ),
  read(
    'reads show no UpdatedAt',
    'status',
    ticket((fields) => ({ ...fields, UpdatedAt: undefined })),
  ),
  read(
    'reads show no times at all',
    'status',
    ticket((fields) => ({ ...fields, CreatedAt: undefined, UpdatedAt: undefined })),
  ),
  read(
    'reads show an UpdatedAt that is no time',
    'status',
    ticket((f) => ({ ...f, UpdatedAt: 'today' })),
  ),
  read('reads show times by the second', 'all', (server, request) =>
    write(server, { body: ticketBody(server, request, { precision: 'second' }) }),
  ),
  read('reads bear no date', 'all', (server, request) =>
    write(server, { isDated: false, body: ticketBody(server, request) }),
  ),
  read('reads bear no date and show times by the second', 'all', (server, request) =>
    write(server, { isDated: false, body: ticketBody(server, request, { precision: 'second' }) }),
  ),
  read('reads say with each answer that it was changed just now', 'status', (server, request) =>
    write(server, {
      body: ticketBody(server, request, {
        change: (fields) => ({ ...fields, UpdatedAt: timeText(server.now(), 'ms') }),
      }),
    }),
  ),
  read('no read is answered', 'nothing', silent('hang')),
  read('every read is reset', 'nothing', silent('reset')),
  read('two reads are reset', 'all', silent('reset'), 2),
  read('every read is cut', 'nothing', cut(honest, 180, 'close')),
  read('reads take 8 s', 'all', honest, forever, 8000),
  read(
    'reads come zipped',
    'all',
    inForm({ headers: [['content-encoding', 'gzip']] }, encodings.gzip),
  ),
];

/** The documented statuses, and how colleagues may use them. */
const soon = 5;
export const colleagueParts: readonly ColleaguePart[] = (
  [
    ['before all', 'before anything is read'],
    ['after the read', 'between read and write'],
    ['as the write comes', 'as the write comes'],
    ['after it is applied', 'right after ours was applied'],
  ] as const
).flatMap(([moment, when]): ColleaguePart[] => [
  { name: `a colleague starts it too, ${when}`, moment, moves: [['in-progress', 0]] },
  { name: `a colleague resolves it, ${when}`, moment, moves: [['resolved', 0]] },
  { name: `a colleague closes it, ${when}`, moment, moves: [['closed', 0]] },
  { name: `a colleague claims it, ${when}`, moment, moves: [['claim', 0]] },
  { name: `an automation reopens it, ${when}`, moment, moves: [['open', soon]] },
  {
    name: `a colleague resolves and reopens it within ms, ${when}`,
    moment,
    moves: [
      ['resolved', 2],
      ['open', soon],
    ],
  },
]);

const keyOf: (headers: ReadonlyMap<string, string>) => string = (headers) =>
  headers.get('apikey') ?? headers.get('x-api-key') ?? '';

/** Servers that repeat the key, wherever a text of theirs may be shown. */
export const echoWrites: readonly WritePart[] = [
  part('not applied, and the refusal repeats the key', never, 'refused', (server, { headers }) =>
    write(server, { status: 400, body: failureBody(400, `Bad key ${keyOf(headers)}`) }),
  ),
  part(
    'not applied, and a long refusal repeats the key',
    never,
    'refused',
    (server, { headers }) => {
      const key = keyOf(headers);
      const text = `${'x'.repeat(290)}${key} ${encodeURIComponent(key)}`;
      return write(server, { status: 403, body: failureBody(403, text) });
    },
  ),
  part('applied, and the success repeats the key', before, 'applied', (server, { headers }) =>
    write(server, { body: JSON.stringify({ success: true, data: { message: keyOf(headers) } }) }),
  ),
  part('applied, and the failure repeats the key', before, 'doubt', (server, { headers }) =>
    write(server, { status: 500, body: failureBody(500, keyOf(headers)) }),
  ),
  part('applied, and the contradiction repeats the key', before, 'doubt', (server, { headers }) =>
    write(server, { body: failureBody(200, `key=${encodeURIComponent(keyOf(headers))}`) }),
  ),
  part('applied, and the redirect repeats the key', before, 'doubt', (server, { headers }) =>
    write(server, {
      status: 302,
      headers: [['location', `/?apikey=${encodeURIComponent(keyOf(headers))}`]],
    }),
  ),
  part('applied, and the status line repeats the key', before, 'doubt', (server, { headers }) =>
    write(server, { status: 502, reason: keyOf(headers), type: html, body: keyOf(headers) }),
  ),
  part('applied, and junk repeats the key', before, 'doubt', (_, { headers }) => ({
    pieces: [Buffer.from(`apikey: ${keyOf(headers)}\r\n\r\n`)],
    end: 'close',
  })),
  part('not applied, and the limit repeats the key', never, 'limited', (server, { headers }) =>
    write(server, {
      status: 429,
      headers: [['retry-after', keyOf(headers)]],
      body: keyOf(headers),
    }),
  ),
];

export const echoReads: readonly ReadPart[] = [
  read('every read shows the key for a status', 'nothing', (server, request) =>
    write(server, {
      body: ticketBody(server, request, {
        change: (fields) => ({ ...fields, Status: keyOf(request.headers) }),
      }),
    }),
  ),
  read('every read shows the key for a time', 'status', (server, request) =>
    write(server, {
      body: ticketBody(server, request, {
        change: (fields) => ({ ...fields, UpdatedAt: keyOf(request.headers) }),
      }),
    }),
  ),
  read('every read is refused with 401 and the key', 'nothing', (server, { headers }) =>
    write(server, { status: 401, body: failureBody(401, `No such key: ${keyOf(headers)}`) }),
  ),
];
