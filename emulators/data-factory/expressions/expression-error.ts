/** An expression that cannot be parsed or evaluated; the message is the one of Data Factory's own engine. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}
