// app/tickets/[id]/events/route.ts
import { toResponse } from '@ticket-lifecycle/series';
import { workflow } from './workflow.ts';

interface Route {
  readonly params: Promise<{ readonly id: string }>;
}

export async function GET(_: Request, { params }: Route) {
  const { id } = await params;
  return toResponse(workflow.enabled(id));
}

export async function POST(request: Request, { params }: Route) {
  const { id } = await params;
  // A body that is no JSON is no event: the answer says so.
  const event = await request.json().catch(() => undefined);
  const staffUserId = Number(request.headers.get('x-staff'));
  return toResponse(workflow.apply(id, event, { staffUserId }));
}
