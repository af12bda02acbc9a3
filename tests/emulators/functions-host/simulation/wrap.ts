type ArgumentsOf<F> = F extends (...args: infer A) => unknown ? A : never;
type ResultOf<F> = F extends (...args: never[]) => infer R ? R : never;

/** Puts `around` in the place of a method of a class, and gives what undoes it. `original` is bound to the object. */
export function wrap<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  around: (original: (...args: ArgumentsOf<T[K]>) => ResultOf<T[K]>, ...args: ArgumentsOf<T[K]>) => ResultOf<T[K]>,
): () => void {
  const method = prototype[name];
  const call = method as unknown as (...args: ArgumentsOf<T[K]>) => ResultOf<T[K]>;
  prototype[name] = function (this: T, ...args: ArgumentsOf<T[K]>) {
    return around(call.bind(this), ...args);
  } as unknown as T[K];
  return () => {
    prototype[name] = method;
  };
}
