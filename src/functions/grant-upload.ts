import { endpoint } from '../shared/http/endpoint.ts';
import { jsonBody } from '../shared/http/json-body.ts';
import { services } from '../shared/services.ts';
import { parseUpload } from '../shared/uploads/parse-upload.ts';

/** POST /api/uploads: a URL by which one file can be written to the landing container, for some minutes. */
endpoint('grant-upload', {
  method: 'POST',
  route: 'uploads',
  access: 'Pipeline.Operate',
  handler: async (request) => {
    const { datasets, uploads } = services();
    const { path, dataset } = parseUpload(await jsonBody(request), datasets);
    return {
      status: 201,
      headers: { 'cache-control': 'no-store' },
      jsonBody: { dataset, path, ...(await uploads.grant(path)) },
    };
  },
});
