import sax from 'sax';
import { HistoryError } from './history-error.ts';
import type { Encoding } from './lines.ts';
import type { RecordReader, VisitRecord } from './records.ts';

// XES says a value by one of these elements: its key and its value are attributes.
const valueElements = new Set(['string', 'date', 'int', 'float', 'boolean', 'id']);

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

  parser.onopentag = ({ name, attributes }) => {
    const parent = open.at(-1);
    open.push(name);
    if (name === 'trace') trace = {};
    else if (name === 'event') {
      event = { ...trace };
      eventLine = parser.line + 1;
    } else if (valueElements.has(name)) {
      const { key, value } = attributes as { key?: string; value?: string };
      if (key === undefined || value === undefined) return;
      if (parent === 'event' && event !== undefined) event[key] = value;
      else if (parent === 'trace') trace[`case:${key}`] = value;
    }
  };
  parser.onclosetag = (name) => {
    open.pop();
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
