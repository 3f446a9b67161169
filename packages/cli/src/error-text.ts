/** What somebody else's code has thrown, in words. It may have thrown anything. */
export function errorText(thrown: unknown): string {
  try {
    const { message } = Object(thrown) as { readonly message?: unknown };
    return typeof message === 'string' && message !== '' ? message : String(thrown);
  } catch {
    return `a value of type ${typeof thrown} that can't be shown`;
  }
}

/** Why something can't be written, in words. */
export function writeErrorText(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full';
    case 'EFBIG':
      return 'the file may not grow any more';
    case 'ENOENT':
    case 'ENOTDIR':
      return 'its folder does not exist';
    case 'EISDIR':
      return 'it is a directory';
    case 'ENAMETOOLONG':
      return 'its name is too long';
    case 'EACCES':
    case 'EPERM':
      return 'its permissions do not allow it';
    case 'EROFS':
      return 'its disk is read-only';
    default:
      return message;
  }
}
