//! The plugin's admin API, as the user who is logged in: the editor adds its token to jQuery's requests.

/** A refusal in words; `status` 0: nobody answered. */
export class Refused extends Error {
  constructor(status, message, diagnostics = []) {
    super(message);
    this.status = status;
    this.diagnostics = diagnostics;
  }
}

/**
 * @param {string} method
 * @param {string} path below `/route/v1`
 * @param {object} [json]
 * @throws {Refused}
 */
export function ask(method, path, json) {
  return new Promise((done, failed) => {
    $.ajax({
      method,
      url: `route/v1${path}`,
      cache: false,
      timeout: 70000,
      ...(json === undefined ? {} : { contentType: 'application/json', data: JSON.stringify(json) }),
    }).done((answer) => done(answer)).fail((request) => {
      const { status, responseJSON: body } = request;
      failed(new Refused(status, body?.error ?? plain(status), body?.diagnostics));
    });
  });
}

function plain(status) {
  if (status === 0) return 'Node-RED does not answer';
  if (status === 401 || status === 403) return 'you may not do this: it needs the permission `route.read`, for changes `route.write`';
  if (status === 404) return 'the plugin is not there any more; load the editor again';
  return `the request failed with status ${status}`;
}
