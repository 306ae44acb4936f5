#!/usr/bin/env node
import api from '../app.js'
import { serve } from './serve.js'

void serve(api)
