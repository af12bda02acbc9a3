import { expect, test } from '@jest/globals';
import { askedTraining, datasetOfTraining, nightlyTraining } from '../../../src/shared/models/training.ts';
import { datasetOfBatch } from '../../../src/shared/names.ts';

test('the id of a training says its dataset and what it is, and is no id of a batch', () => {
  const at = new Date('2026-11-26T06:30:12.345Z');
  const ids = [
    nightlyTraining('bike-trips', '2026-11-26').id,
    askedTraining('bike-trips', 'challenge', false, at).id,
    askedTraining('bike-trips', 'rollback', false, at).id,
  ];
  expect(ids).toEqual([
    'retrain-bike-trips-2026-11-26',
    'retrain-bike-trips-20261126t063012345',
    'rollback-bike-trips-20261126t063012345',
  ]);
  expect(ids.map(datasetOfTraining)).toEqual(['bike-trips', 'bike-trips', 'bike-trips']);
  expect(ids.map(datasetOfBatch)).toEqual([undefined, undefined, undefined]);
  expect(['flights-00000001', 'retrain-flights', 'retrain-flights-soon'].map(datasetOfTraining)).toEqual(
    Array.from({ length: 3 }, () => undefined),
  );
});
