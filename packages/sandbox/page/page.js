// Runs in the browser as it stands. Whatever a client has sent is shown as text, never as markup.
const $ = (id) => document.getElementById(id);
const statuses = ['open', 'in-progress', 'resolved', 'closed'];
const mostRows = 200;
let state;

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// One after another, in the order of the clicks; until the last is answered, an older state that
// still comes in must not turn a switch back.
let pending = 0;
let orders = Promise.resolve();
function order(path, body, done) {
  pending += 1;
  orders = orders.then(async () => {
    const faults = await post(path, body, done);
    pending -= 1;
    if (faults !== undefined) showFaults(faults);
  });
  return orders;
}

async function post(path, body, done) {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    say(response.ok ? done : `That did not work. ${await response.text()}`);
    return response.ok ? await response.json() : undefined;
  } catch {
    say('That did not work. The sandbox does not answer.');
    return undefined;
  }
}

let saidTimer;
function say(text) {
  $('said').textContent = text;
  clearTimeout(saidTimer);
  saidTimer = setTimeout(() => ($('said').textContent = ''), 4000);
}

// Only what has changed is drawn anew: focus and an open list must survive the next round.
const drawn = new Map();
function draw(id, data, make) {
  const shown = JSON.stringify(data);
  if (drawn.get(id) === shown) return;
  drawn.set(id, shown);
  $(id).replaceChildren(...[make(data)].flat());
}

function showState(next) {
  state = next;
  const { record, fills, faults, requestsPerSecond, limit } = state;
  draw(
    'figures',
    [
      ['requests', record.requests],
      ['refused with 429', record.limited],
      ['in the fullest second', record.mostArrivedInOneSecond],
      ['status writes', record.statusWrites],
      ['system messages', record.systemMessages],
      ['met a fault', Object.values(record.faults).reduce((sum, count) => sum + count, 0)],
    ],
    (figures) =>
      figures.map(([name, value]) =>
        element(
          'div',
          {},
          element('dt', { textContent: name }),
          element('dd', { textContent: value.toLocaleString('en') }),
        ),
      ),
  );
  $('limit-text').textContent =
    limit === 'none'
      ? 'No limit is kept.'
      : `${requestsPerSecond} requests per second and key, kept by ${limit.replaceAll('-', ' ')}.`;
  showFills(limit === 'none' ? {} : fills);
  showFaults(faults);
  showTickets();
}

function showFills(fills) {
  draw('fills', Object.keys(fills).slice(-20), (keys) =>
    keys.length === 0
      ? element('p', { textContent: 'No key has been used yet.' })
      : keys.map((key) => {
          const label = element('span', { textContent: key, id: `name-${key}` });
          const meter = element('meter', { id: `fill-${key}`, min: 0, max: 1, high: 0.999 });
          meter.setAttribute('aria-labelledby', label.id);
          const share = element('span', { id: `share-${key}` });
          return element('div', { className: 'fill' }, label, meter, share);
        }),
  );
  for (const [key, fill] of Object.entries(fills).slice(-20)) {
    $(`fill-${key}`).value = fill;
    $(`share-${key}`).textContent = `${Math.round(fill * 100)} %`;
  }
}

function showFaults({ next, rate, rules }) {
  if (pending > 0) return;
  for (const box of boxes()) box.checked = rate?.faults.includes(box.value) ?? false;
  if (rate && document.activeElement !== $('share')) {
    $('share').value = String(Number((rate.share * 100).toPrecision(6)));
  }
  const coming = next.map(({ count, fault }) => `${count} × ${fault}`).join(', then ');
  const script = rules > 0 ? ' A script decides over others.' : '';
  $('queue').textContent = `Next in line: ${coming || 'none'}.${script}`;
}

function showTickets() {
  const { tickets, ticketCount } = state;
  $('tickets-text').textContent =
    ticketCount === 0
      ? 'There is none yet.'
      : ticketCount > tickets.length
        ? `The first ${tickets.length} of ${ticketCount}. Change one as a colleague would.`
        : 'Change one as a colleague would.';
  $('tickets-scroll').hidden = ticketCount === 0;
  // A row that is being edited keeps its list open.
  if ($('tickets').contains(document.activeElement)) return;
  draw('tickets', tickets, (rows) => rows.map(ticketRow));
}

function ticketRow({ ticketId, subject, status, claimedBy }) {
  const select = element(
    'select',
    { ariaLabel: `Status of ${ticketId}` },
    ...statuses.map((one) => element('option', { textContent: one, selected: one === status })),
  );
  select.addEventListener('change', async () => {
    const body = { ticketId, status: select.value };
    select.blur();
    await order('/sandbox/tickets', body, `${ticketId} is ${body.status} now.`);
  });
  return element(
    'tr',
    {},
    element('th', { scope: 'row', textContent: ticketId }),
    element('td', { className: 'path wide', textContent: subject }),
    element('td', { textContent: claimedBy ?? '–' }),
    element('td', {}, select),
  );
}

function showRequests(requests) {
  if ($('pause').checked) return;
  $('requests').prepend(...requests.toReversed().map(requestRow));
  while ($('requests').rows.length > mostRows) $('requests').lastElementChild.remove();
}

function requestRow({ time, key, method, path, status, verdict, fault, applied }) {
  const cell = (text, tone = '', className = '') => {
    const made = element('td', { textContent: text, className });
    if (tone) made.dataset.tone = tone;
    return made;
  };
  const tone = status >= 200 && status < 300 ? 'good' : 'bad';
  return element(
    'tr',
    {},
    cell(time.slice(11, 23), '', 'wide'),
    cell(key ?? 'no key', '', 'wide'),
    cell(`${method} ${path}`, '', 'path'),
    cell(status === 0 ? 'none' : `${status}${verdict === 'limited' ? ' limit' : ''}`, tone),
    cell(applied ? 'yes' : 'no'),
    cell(fault ?? '', 'odd', 'fault'),
  );
}

const boxes = () => [...document.querySelectorAll('#kinds input')];

async function sendRate() {
  const faults = boxes()
    .filter((box) => box.checked)
    .map((box) => box.value);
  const percent = Number($('share').value);
  const isOff = faults.length === 0 || percent === 0;
  await order(
    '/sandbox/faults/rate',
    isOff ? { share: 0 } : { share: percent / 100, faults },
    isOff
      ? 'No faults at random.'
      : `${percent} % of the requests meet ${faults.length === 1 ? faults[0] : `one of ${faults.length} faults`}.`,
  );
}

function listKinds(kinds) {
  $('kinds').replaceChildren(
    ...kinds.map(([kind, meaning]) => {
      const box = element('input', { type: 'checkbox', value: kind });
      const button = element('button', {
        type: 'button',
        textContent: 'Next',
        ariaLabel: `The next request meets ${kind}`,
      });
      box.addEventListener('change', sendRate);
      button.addEventListener('click', () =>
        order('/sandbox/faults/next', { fault: kind }, `The next request meets ${kind}.`),
      );
      return element(
        'li',
        {},
        element('label', {}, box, ` ${kind}`),
        button,
        element('p', { className: 'meaning', textContent: meaning }),
      );
    }),
  );
}

$('address').textContent = location.origin;
$('share').addEventListener('change', sendRate);
$('all').addEventListener('click', () => {
  for (const box of boxes()) box.checked = true;
  void sendRate();
});
$('clear').addEventListener('click', () =>
  order('/sandbox/faults/clear', {}, 'All faults are off.'),
);
$('add').addEventListener('submit', (event) => {
  event.preventDefault();
  const ticketId = $('new-id').value.trim();
  $('new-id').value = '';
  // It would be set to open.
  if (state.tickets.some((one) => one.ticketId === ticketId)) {
    return say(`${ticketId} is there already.`);
  }
  void order('/sandbox/tickets', { ticketId, status: 'open' }, `${ticketId} is there, open.`);
});

listKinds(await (await fetch('/sandbox/fault-meanings')).json());
const events = new EventSource('/sandbox/events');
const live = (isLive, text) => {
  $('connection').dataset.live = String(isLive);
  $('connection').textContent = text;
};
events.addEventListener('open', () => {
  // The latest requests come again, or those of a sandbox that was started anew.
  if (!$('pause').checked) $('requests').replaceChildren();
  live(true, 'Live');
});
events.addEventListener('error', () => live(false, 'The sandbox does not answer. Trying again …'));
events.addEventListener('state', ({ data }) => showState(JSON.parse(data)));
events.addEventListener('requests', ({ data }) => showRequests(JSON.parse(data)));
