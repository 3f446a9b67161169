import sax from 'sax';
import { HistoryError } from './history-error.ts';
import { longestLine, type Encoding } from './lines.ts';
import type { RecordReader, VisitRecord } from './records.ts';

// XES says a value by one of these elements: its key and its value are attributes.
const valueElements = new Set(['string', 'date', 'int', 'float', 'boolean', 'id']);
// The parser bounds each text. These bound what is made of many: logs are a few elements deep.
const deepest = 100;
const mostAttributes = 1000;

/**
 * Reads event logs in XES (IEEE 1849), each event as a record. The attributes of a trace stand in
 * each of its events, with `case:` before their keys. Entities of a DOCTYPE are not expanded, and
 * nothing is loaded.
 */
export function createXesReader(encoding: Encoding | 'detect', visit: VisitRecord): RecordReader {
  const parser = sax.parser(true, { position: true });
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let label: Encoding | undefined;
  // The elements that are open, and the attributes of the trace and the event among them.
  const open: string[] = [];
  let trace: Record<string, string> = {};
  let event: Record<string, string> | undefined;
  let eventLine = 1;
  // What the trace and the event that are open hold, and the attributes of the element.
  let [ofTrace, ofEvent, attributesSeen] = [0, 0, 0];

  parser.onattribute = () => {
    attributesSeen += 1;
    if (attributesSeen > mostAttributes)
      throw tooLarge(`an element with more than ${mostAttributes} attributes`);
  };
  parser.onopentag = ({ name, attributes }) => {
    attributesSeen = 0;
    const parent = open.at(-1);
    open.push(name);
    if (open.length > deepest) throw tooLarge(`elements more than ${deepest} deep`);
    if (name === 'trace') {
      endTrace();
    } else if (name === 'event') {
      event = { ...trace };
      ofEvent = ofTrace;
      eventLine = parser.line + 1;
    } else if (valueElements.has(name)) {
      const { key, value } = attributes as { key?: string; value?: string };
      if (key === undefined || value === undefined) return;
      const size = key.length + value.length;
      if (parent === 'event' && event !== undefined) {
        event[key] = value;
        ofEvent += size;
      } else if (parent === 'trace') {
        trace[`case:${key}`] = value;
        ofTrace += size;
      }
      if (Math.max(ofTrace, ofEvent) > longestLine)
        throw tooLarge(`more than 1 MB in one ${parent}`);
    }
  };
  parser.onclosetag = (name) => {
    open.pop();
    if (name === 'trace') endTrace();
    if (name !== 'event' || event === undefined) return;
    visit({ line: eventLine, fields: event });
    event = undefined;
  };
  // It knows no other way: it is no target of events.
  // oxlint-disable-next-line unicorn/prefer-add-event-listener
  parser.onerror = (error) => {
    const [reason = 'it can not be parsed'] = error.message.split('\n');
    throw new HistoryError(
      'file',
      `is not valid XML: ${reason.toLowerCase()} (line ${parser.line + 1}). Export it again, or give CSV or NDJSON.`,
    );
  };

  // An event that comes before the next trace is none of the last one's.
  function endTrace(): void {
    trace = {};
    ofTrace = 0;
  }

  const tooLarge = (what: string) =>
    new HistoryError('file', `has ${what} (line ${parser.line + 1}). Give CSV or NDJSON.`);

  return {
    read(chunk) {
      decoder ??= begin(chunk);
      write(() => decoder?.decode(chunk, { stream: true }));
    },
    end() {
      write(() => decoder?.decode());
      parser.close();
    },
    encoding: () => label,
  };

  function begin(chunk: Uint8Array): InstanceType<typeof TextDecoder> {
    const declared = /^[^>]*encoding=["']([\w-]+)["']/.exec(
      new TextDecoder('windows-1252').decode(chunk.subarray(0, 200)),
    )?.[1];
    const name = encoding === 'detect' ? (declared ?? 'utf-8') : encoding;
    try {
      const made = new TextDecoder(name, { fatal: true });
      label = made.encoding as Encoding;
      return made;
    } catch {
      throw new HistoryError('file', `has the unknown encoding "${name}". Save it as UTF-8.`);
    }
  }

  function write(decode: () => string | undefined): void {
    let text: string | undefined;
    try {
      text = decode();
    } catch {
      throw new HistoryError('file', `is not valid ${label ?? 'UTF-8'}. Save it as UTF-8.`);
    }
    if (text !== undefined && text !== '') parser.write(text);
  }
}
