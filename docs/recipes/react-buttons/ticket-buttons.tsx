import type { EventChoice } from '@ticket-lifecycle/series';

interface TicketButtonsProps {
  /** What `workflow.enabled` said: JSON, from a route of yours. */
  readonly choices: readonly EventChoice[];
  readonly onChoose: (choice: EventChoice) => void;
}

/** A button for each event; one that is blocked says why. */
export function TicketButtons({
  choices,
  onChoose,
}: TicketButtonsProps) {
  return choices.map((choice) => (
    <button
      key={choice.event}
      disabled={!choice.allowed}
      title={choice.reasons.join(' ')}
      onClick={() => onChoose(choice)}
    >
      {choice.label}
      {/* It opens a form for the fields in choice.schema. */}
      {choice.needs === undefined ? '' : '…'}
    </button>
  ));
}
