import { ExpressionError, parseTemplate } from '../expressions/index.ts';
import { DefinitionError, isJsonObject } from './json.ts';

/**
 * Finds expressions that cannot be parsed within a definition, so that it is refused before it ever runs.
 * @throws DefinitionError that names the place.
 */
export function checkExpressions(document: unknown, place: string): void {
  if (typeof document === 'string') {
    try {
      parseTemplate(document);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      throw new DefinitionError(`${place}: ${error.message}`);
    }
  } else if (Array.isArray(document)) {
    for (const [at, item] of document.entries()) {
      const named = isJsonObject(item) && typeof item.name === 'string' ? item.name : String(at);
      checkExpressions(item, `${place}/${named}`);
    }
  } else if (isJsonObject(document)) {
    for (const [key, item] of Object.entries(document))
      if (key !== 'description') checkExpressions(item, `${place}/${key}`);
  }
}
