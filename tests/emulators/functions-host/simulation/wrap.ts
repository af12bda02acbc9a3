type ArgumentsOf<F> = F extends (...args: infer A) => unknown ? A : never;
type ResultOf<F> = F extends (...args: never[]) => infer R ? R : never;

/** Puts `around` in the place of a method of a class, and gives what undoes it. `call` is the method itself. */
export function wrap<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  around: (call: (...args: ArgumentsOf<T[K]>) => ResultOf<T[K]>, args: ArgumentsOf<T[K]>, self: T) => ResultOf<T[K]>,
): () => void {
  const method = prototype[name];
  const original = method as unknown as (...args: ArgumentsOf<T[K]>) => ResultOf<T[K]>;
  prototype[name] = function (this: T, ...args: ArgumentsOf<T[K]>) {
    return around((...given) => original.apply(this, given), args, this);
  } as unknown as T[K];
  return () => {
    prototype[name] = method;
  };
}
