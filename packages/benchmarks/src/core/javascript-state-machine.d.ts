declare module 'javascript-state-machine' {
  interface Transition {
    readonly name: string;
    readonly from: string | readonly string[];
    readonly to: string;
  }
  export default class StateMachine {
    constructor(options: { readonly init: string; readonly transitions: readonly Transition[] });
    readonly state: string;
    start(): void;
    resolve(): void;
    close(): void;
    reopen(): void;
  }
}
