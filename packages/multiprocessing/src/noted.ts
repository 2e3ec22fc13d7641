import type { Stub } from './stub.ts';

let noted: Stub[] | null = null;

/** An object is being made ready to be sent. @internal */
export function note(stub: Stub): void {
  noted?.push(stub);
}

/** Does something, and returns what that made ready to be sent. @internal */
export function notedIn(action: () => void): readonly Stub[] {
  const before = noted;
  const mine: Stub[] = [];
  noted = mine;
  try {
    action();
  } finally {
    noted = before;
  }
  return mine;
}
