export { AesGcmSecretBox, type BoxKeys } from "./aes-gcm-secret-box.ts";
export { Hmac } from "./hmac.ts";
