import type { VisitRecord } from '../records.ts';
import { isFields, type Fields } from './json-lines.ts';

/**
 * Zendesk's API gives audits: what happened to a ticket at one moment, with an event for each field
 * that was set. The changes of the status become rows of their own, with the ticket and the time of
 * the audit; the first status, which an audit of the creation sets, has no value before it.
 *
 * @param visit - takes these rows, and all other records as they are
 */
export function createAuditReader(visit: VisitRecord) {
  let hasAudits = false;

  return {
    hasAudits: () => hasAudits,
    visit: ((record) => {
      const fields = 'reason' in record ? undefined : record.fields;
      if (fields === undefined) return visit(record);
      const audits = auditsOf(fields);
      if (audits === undefined) return visit(record);
      hasAudits = true;
      for (const audit of audits) readAudit(record.line, audit);
    }) satisfies VisitRecord,
  };

  function readAudit(line: number, audit: unknown): void {
    if (!isAudit(audit)) {
      const reason = 'an audit lacks ticket_id, created_at or events';
      return visit({ line, reason });
    }
    const { events, ...rest } = audit;
    for (const event of events) {
      if (!isFields(event) || event['field_name'] !== 'status') continue;
      const { type, field_name: field, previous_value: before = null, value = null } = event;
      const change = { type, field_name: field, previous_value: before, value };
      visit({ line, fields: { ...rest, ...change } });
    }
  }
}

interface Audit extends Fields {
  readonly events: readonly unknown[];
}

/** The audits of an answer of the API, or the one that stands alone. */
function auditsOf(fields: Fields): readonly unknown[] | undefined {
  if (isAudit(fields)) return [fields];
  const audits = Object.hasOwn(fields, 'audits') ? fields['audits'] : undefined;
  if (!Array.isArray(audits)) return undefined;
  return audits.length === 0 || audits.some(isAudit) ? audits : undefined;
}

const isAudit = (value: unknown): value is Audit =>
  isFields(value) &&
  Object.hasOwn(value, 'ticket_id') &&
  Object.hasOwn(value, 'created_at') &&
  Object.hasOwn(value, 'events') &&
  Array.isArray(value['events']);
